// purpose: Make the entities that are not there yet, and note who brought them
// parameters: entities (list of lists of URI and name), source (string)
// mode: write
// internal: true
MATCH (state:GraphState)
WITH state.build + 1 AS build
UNWIND $entities AS row
MERGE (entity:Entity {uri: row[0]})
ON CREATE SET entity.name = row[1], entity.sources = [$source], entity.build = build
ON MATCH SET entity.sources =
  CASE WHEN $source IN entity.sources THEN entity.sources ELSE entity.sources + $source END
