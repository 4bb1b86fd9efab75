// purpose: What training dialogues mention together with an entity, the most often first
//   Counts are those of `tellgraph build edges`.
// parameters: uri (string), limit (integer, default 10)
// returns: uri, name, is_item, count
// mode: read
MATCH (:Entity {uri: $uri})-[edge:CO_MENTIONED]-(other:Entity)
RETURN other.uri AS uri, coalesce(other.title, other.name) AS name, other:Item AS is_item, edge.count AS count
ORDER BY count DESC, uri
LIMIT $limit
