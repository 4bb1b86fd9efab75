// purpose: Keep some edges of one type that an interrupted build meant to end
// parameters: type (a type of computed edges), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (state:GraphState)
MATCH (:Entity)-[edge:$($type)]->(:Entity)
WHERE edge.ended > state.build
WITH edge
LIMIT $size
REMOVE edge.ended
RETURN count(edge) AS done
