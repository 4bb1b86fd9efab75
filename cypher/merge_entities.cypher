// purpose: Make the entities that are not there yet, and note who brought them
// parameters: entities (list of lists of URI and name), source (string)
// mode: write
// internal: true
MATCH (state:GraphState)
UNWIND $entities AS row
MERGE (entity:Entity {uri: row[0]})
ON CREATE SET entity.name = row[1], entity.sources = [$source], entity.build = state.build + 1
WITH entity
WHERE NOT $source IN entity.sources
SET entity.sources = entity.sources + $source
