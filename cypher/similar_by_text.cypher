// purpose: The items whose descriptions are most like an item's, as `tellgraph build edges` found them
// about: `tellgraph build vectors` and `build edges` come first.
// parameters: uri (string), limit (integer, default 10)
// returns: rank (1 for the most similar), uri, title, year, score (cosine), encoder (what read the descriptions)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (:Entity {uri: $uri})-[edge:TEXT_SIMILAR]->(item:Item)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN edge.rank AS rank, item.uri AS uri, item.title AS title, item.year AS year, edge.score AS score,
       edge.encoder AS encoder
ORDER BY rank
LIMIT $limit
