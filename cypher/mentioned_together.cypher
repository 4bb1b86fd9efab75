// purpose: What training dialogues mention together with an entity, the most often first
// about: The counts are those of `tellgraph build edges`, which comes first.
// parameters: uri (string), limit (integer, default 10)
// returns: uri, name, is_item, count (training dialogues that mention both)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (:Entity {uri: $uri})-[edge:CO_MENTIONED]-(other:Entity)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN other.uri AS uri, coalesce(other.title, other.name) AS name, other:Item AS is_item, edge.count AS count
ORDER BY count DESC, uri
LIMIT $limit
