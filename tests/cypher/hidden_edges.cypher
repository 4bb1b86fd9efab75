// purpose: How many edges stand in the graph that no reader sees
// returns: edges
// mode: read
MATCH (state:GraphState)
MATCH (:Entity)-[edge:CO_MENTIONED|CO_INTERACTED|TEXT_SIMILAR|IMAGE_SIMILAR]->(:Entity)
WHERE edge.build > state.build OR edge.ended IS NOT NULL
RETURN count(edge) AS edges
