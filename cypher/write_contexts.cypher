// purpose: Put the vectors of what was said before them on turns, and the hashes of what they encode
// parameters: rows (list of maps with dialogue and turn and whole and recent, which may be null, and hash)
// mode: write
// internal: true
UNWIND $rows AS row
MATCH (turn:Turn {dialogue: row.dialogue, index: row.turn})
CALL db.create.setNodeVectorProperty(turn, 'context_vector', row.whole)
REMOVE turn.recent_vector
SET turn.context_hash = row.hash
WITH turn, row
WHERE row.recent IS NOT NULL
CALL db.create.setNodeVectorProperty(turn, 'recent_vector', row.recent)
