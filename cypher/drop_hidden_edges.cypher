// purpose: Delete some edges of one type that no reader sees: those of an interrupted build, and those that a
//   finished one replaced
// parameters: type (a type of computed edges), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (state:GraphState)
MATCH (:Entity)-[edge:$($type)]->(:Entity)
WHERE edge.build > state.build OR edge.ended <= state.build
WITH edge
LIMIT $size
DELETE edge
RETURN count(edge) AS done
