// purpose: What an entity is connected to, by modality and relation, the strongest first
//   Modality is facts, co_mention, text or image. A fact weighs 1, a co-mention its count, a similarity its score;
//   direction is out where the relationship starts at the entity.
// parameters: uri (string), modality (string, default null), relation (string, default null),
//   limit (integer, default 100)
// returns: modality, relation, direction, uri, name, weight
// mode: read
MATCH (entity:Entity {uri: $uri})-[edge]-(other:Entity)
WITH entity, edge, other,
     CASE type(edge)
       WHEN 'CO_MENTIONED' THEN 'co_mention'
       WHEN 'TEXT_SIMILAR' THEN 'text'
       WHEN 'IMAGE_SIMILAR' THEN 'image'
       ELSE 'facts'
     END AS modality
WHERE modality = coalesce($modality, modality) AND type(edge) = coalesce($relation, type(edge))
RETURN modality, type(edge) AS relation, CASE WHEN startNode(edge) = entity THEN 'out' ELSE 'in' END AS direction,
       other.uri AS uri, coalesce(other.title, other.name) AS name, coalesce(edge.count, edge.score, 1) AS weight
ORDER BY modality, relation, weight DESC, uri, direction
LIMIT $limit
