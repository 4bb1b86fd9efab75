// purpose: A source's list of entities does not name these any more
// parameters: uris (list of strings), source (string)
// mode: write
// internal: true
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
WHERE $source IN entity.listed_by
SET entity.listed_by = [one IN entity.listed_by WHERE one <> $source]
