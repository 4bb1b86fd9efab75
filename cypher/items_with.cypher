// purpose: The items that have a fact with an entity: the films of a director, say
// about: With `relation`, DIRECTOR say, only by that one. The newest first.
// parameters: uri (string), relation (string, default null), limit (integer, default 100)
// returns: uri, title, year, relations
// mode: read
MATCH (relation:RelationType)
WHERE relation.type = coalesce($relation, relation.type)
WITH collect(relation.type) AS fact_types
MATCH (:Entity {uri: $uri})-[edge]-(item:Item)
WHERE type(edge) IN fact_types
WITH item, collect(DISTINCT type(edge)) AS types
RETURN item.uri AS uri, item.title AS title, item.year AS year,
       COLLECT { UNWIND types AS relation RETURN relation ORDER BY relation } AS relations
ORDER BY year IS NULL, year DESC, uri
LIMIT $limit
