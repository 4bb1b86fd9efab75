// purpose: What an entity is connected to, by modality and relation, the strongest first
// about: With `modality` only that one, with `relation` only that relationship type.
// parameters: uri (string), modality (string, default null), relation (string, default null),
//   limit (integer, default 100)
// returns: modality (facts, co_mention, co_interaction, text or image), relation (the relationship's type),
//   direction (out where the relationship starts at the entity), uri, name,
//   weight (1 for a fact, the count of a co-mention or co-interaction, the score of a similarity)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (entity:Entity {uri: $uri})-[edge]-(other:Entity)
WITH build, entity, edge, other,
     CASE type(edge)
       WHEN 'CO_MENTIONED' THEN 'co_mention'
       WHEN 'CO_INTERACTED' THEN 'co_interaction'
       WHEN 'TEXT_SIMILAR' THEN 'text'
       WHEN 'IMAGE_SIMILAR' THEN 'image'
       ELSE 'facts'
     END AS modality
WHERE modality = coalesce($modality, modality) AND type(edge) = coalesce($relation, type(edge))
  AND (modality = 'facts' OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
RETURN modality, type(edge) AS relation, CASE WHEN startNode(edge) = entity THEN 'out' ELSE 'in' END AS direction,
       other.uri AS uri, coalesce(other.title, other.name) AS name, coalesce(edge.count, edge.score, 1) AS weight
ORDER BY modality, relation, weight DESC, uri, direction
LIMIT $limit
