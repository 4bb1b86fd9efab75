// purpose: How many edges of one type readers see
// parameters: type (a type of computed edges)
// returns: edges
// mode: read
// internal: true
MATCH (state:GraphState)
MATCH (:Entity)-[edge:$($type)]->(:Entity)
WHERE edge.build <= state.build < coalesce(edge.ended, 9223372036854775807)
RETURN count(edge) AS edges
