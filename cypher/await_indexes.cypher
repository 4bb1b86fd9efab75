// purpose: Wait, for so many seconds at most, until every index can answer
// parameters: seconds (integer, default 300)
// mode: read
// internal: true
CALL db.awaitIndexes($seconds)
