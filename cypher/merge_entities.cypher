// purpose: Make the entities that are not there yet, and note who brought them, and who did so in a list of entities
// parameters: entities (list of lists of URI and name), source (string), listed (boolean, default false)
// mode: write
// internal: true
MATCH (state:GraphState)
WITH state.build + 1 AS build
UNWIND $entities AS row
MERGE (entity:Entity {uri: row[0]})
ON CREATE SET entity.name = row[1], entity.sources = [$source], entity.build = build,
  entity.listed_by = CASE WHEN $listed THEN [$source] END
ON MATCH SET entity.sources =
    CASE WHEN $source IN entity.sources THEN entity.sources ELSE entity.sources + $source END,
  entity.listed_by =
    CASE WHEN $listed AND NOT coalesce($source IN entity.listed_by, false)
         THEN coalesce(entity.listed_by, []) + $source
         ELSE entity.listed_by END
