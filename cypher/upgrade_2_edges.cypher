// purpose: Schema 1 to 2: some computed edges get the number of their build
// parameters: size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (:Entity)-[edge:CO_MENTIONED|TEXT_SIMILAR|IMAGE_SIMILAR]->(:Entity)
WHERE edge.build IS NULL
WITH edge
LIMIT $size
SET edge.build = 0
RETURN count(edge) AS done
