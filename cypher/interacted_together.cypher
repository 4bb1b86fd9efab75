// purpose: What the people who liked or took an entity liked or took as well, the strongest first
// about: The figures are those of `tellgraph build edges`, which comes first.
// parameters: uri (string), limit (integer, default 10)
// returns: uri, name, is_item, count (people), weight (the same count, less for what is long ago)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (:Entity {uri: $uri})-[edge:CO_INTERACTED]-(other:Entity)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN other.uri AS uri, coalesce(other.title, other.name) AS name, other:Item AS is_item, edge.count AS count,
       edge.weight AS weight
ORDER BY weight DESC, uri
LIMIT $limit
