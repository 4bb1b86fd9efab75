// purpose: All that one entity says of itself, vectors left out
// parameters: uri (string)
// returns: uri, name, title, year, is_item, genres, plot, directors, writers, stars, images (paths),
//   popularity (training dialogues that mention it), sources (which files or data sets brought it)
// mode: read
MATCH (entity:Entity {uri: $uri})
RETURN entity.uri AS uri, entity.name AS name, entity.title AS title, entity.year AS year,
       entity:Item AS is_item, entity.genres AS genres, entity.plot AS plot, entity.directors AS directors,
       entity.writers AS writers, entity.stars AS stars, entity.images AS images,
       entity.popularity AS popularity, entity.sources AS sources
