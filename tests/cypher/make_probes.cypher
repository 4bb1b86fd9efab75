// purpose: Make so many nodes, numbered from 1
// parameters: count (integer)
// returns: made
// mode: write
UNWIND range(1, $count) AS number
CREATE (probe:Probe {number: number})
RETURN count(probe) AS made
