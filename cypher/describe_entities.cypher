// purpose: What cards and explanations show of entities
// parameters: uris (list of strings), counted (list of strings, default [])
// returns: uri, name, title, year, is_item, genres, plot, images,
//   conversations (training dialogues that mention it; null where it is not in `counted`)
// mode: read
// internal: true
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
RETURN entity.uri AS uri, entity.name AS name, entity.title AS title, entity.year AS year,
       entity:Item AS is_item, entity.genres AS genres, entity.plot AS plot, entity.images AS images,
       CASE WHEN uri IN $counted THEN COUNT {
         MATCH (entity)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
         RETURN DISTINCT dialogue
       } END AS conversations
