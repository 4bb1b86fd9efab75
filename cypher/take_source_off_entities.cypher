// purpose: Entities are no longer a source's, but some other's
// parameters: uris (list of strings), source (string)
// mode: write
// internal: true
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
SET entity.sources = [one IN entity.sources WHERE one <> $source]
