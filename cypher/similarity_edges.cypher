// purpose: The neighbours that readers see of these items, nearest first
// parameters: type (TEXT_SIMILAR or IMAGE_SIMILAR), uris (list of strings)
// returns: uri, targets, scores, ranks, encoders
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
UNWIND $uris AS uri
MATCH (source:Item&Entity {uri: uri})-[edge:$($type)]->(target:Item)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
WITH uri, edge, target
ORDER BY edge.rank
RETURN uri, collect(target.uri) AS targets, collect(edge.score) AS scores,
       collect(edge.rank) AS ranks, collect(edge.encoder) AS encoders
