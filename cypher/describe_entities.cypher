// purpose: What cards and explanations show of entities
// parameters: uris (list of strings)
// returns: uri, name, title, year, is_item, genres, plot, images
// mode: read
// internal: true
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
RETURN entity.uri AS uri, entity.name AS name, entity.title AS title, entity.year AS year,
       entity:Item AS is_item, entity.genres AS genres, entity.plot AS plot, entity.images AS images
