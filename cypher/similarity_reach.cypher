// purpose: How similar the last of `neighbours` is, for the items that have so many; in lists of up to `size`
// parameters: type (TEXT_SIMILAR or IMAGE_SIMILAR), neighbours (integer), size (integer, default 10000)
// returns: uris, scores
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (source:Item)-[edge:$($type) {rank: $neighbours}]->(:Item)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
WITH collect([source.uri, edge.score]) AS pairs
WHERE size(pairs) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(pairs) - 1, $size) AS start
WITH pairs[start..start + $size] AS part
RETURN [pair IN part | pair[0]] AS uris, [pair IN part | pair[1]] AS scores
