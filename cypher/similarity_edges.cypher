// purpose: The neighbours that readers see of every item that has some, nearest first
// parameters: type (TEXT_SIMILAR or IMAGE_SIMILAR)
// returns: uri, targets, scores, ranks, encoders
// mode: read
// internal: true
MATCH (state:GraphState)
MATCH (source:Item)-[edge:$($type)]->(target:Item)
WHERE edge.build <= state.build < coalesce(edge.ended, 9223372036854775807)
WITH source, edge, target
ORDER BY edge.rank
RETURN source.uri AS uri, collect(target.uri) AS targets, collect(edge.score) AS scores,
       collect(edge.rank) AS ranks, collect(edge.encoder) AS encoders
