// purpose: The edges of one type that readers see now, by source
// parameters: type (a type of computed edges)
// returns: uri, edges
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (source:Entity)-[edge:$($type)]->(target:Entity)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN source.uri AS uri, collect([target.uri, properties(edge)]) AS edges
