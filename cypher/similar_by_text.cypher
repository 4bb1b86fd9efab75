// purpose: The items whose descriptions are most like an item's, as `tellgraph build edges` found them
// parameters: uri (string), limit (integer, default 10)
// returns: rank, uri, title, year, score, encoder
// mode: read
MATCH (:Item {uri: $uri})-[edge:TEXT_SIMILAR]->(item:Item)
RETURN edge.rank AS rank, item.uri AS uri, item.title AS title, item.year AS year, edge.score AS score,
       edge.encoder AS encoder
ORDER BY rank
LIMIT $limit
