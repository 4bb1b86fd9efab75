// purpose: How many entities stand one, two and three steps from an entity, by facts and computed edges
// parameters: uri (string)
// returns: depth (steps, 0 for the entity itself), entities (first reached with so many), items (of these),
//   within (entities reached so far, the entity itself included)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (start:Entity {uri: $uri})
CALL (build, start) {
  MATCH path = (start)-[edges*0..3]-(other:Entity)
  WHERE all(edge IN edges WHERE NOT type(edge) IN
          ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR', 'MENTIONS', 'INTERACTED',
           'LIKED', 'DISLIKED', 'SEEN', 'MORE_LIKE', 'LESS_OF']
        OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
  RETURN other, min(length(path)) AS depth
}
WITH depth, count(other) AS entities, count(CASE WHEN other:Item THEN 1 END) AS items
ORDER BY depth
WITH collect({depth: depth, entities: entities, items: items}) AS rings
UNWIND rings AS ring
RETURN ring.depth AS depth, ring.entities AS entities, ring.items AS items,
       reduce(within = 0, one IN rings | within + CASE WHEN one.depth <= ring.depth THEN one.entities ELSE 0 END)
         AS within
ORDER BY depth
