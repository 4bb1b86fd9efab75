// purpose: What a language model is told of every item, and what one has said of it
//   An item gives its facts with others, the first `most` by type and name; computed edges and chats are none
// parameters: most (integer, default 40)
// returns: uri, title, year, genres, plot, directors, writers, stars, facts (lists of type and name of the other end),
//   generated_description, generated_by (the language model), generated_from (checksum of what it was told)
// mode: read
// internal: true
OPTIONAL MATCH (relation:RelationType)
WITH collect(relation.type) AS fact_types
MATCH (item:Item)
RETURN item.uri AS uri, item.title AS title, item.year AS year, item.genres AS genres, item.plot AS plot,
       item.directors AS directors, item.writers AS writers, item.stars AS stars,
       COLLECT {
         MATCH (item)-[fact]->(other:Entity)
         WHERE type(fact) IN fact_types
         WITH type(fact) AS type, coalesce(other.title, other.name) AS name
         ORDER BY type, name
         LIMIT $most
         RETURN [type, name]
       } AS facts,
       item.generated_description AS generated_description, item.generated_by AS generated_by,
       item.generated_from AS generated_from
ORDER BY uri
