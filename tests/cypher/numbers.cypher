// purpose: So many rows, numbered from 1
// parameters: count (integer)
// returns: number
// mode: read
UNWIND range(1, $count) AS number
RETURN number
