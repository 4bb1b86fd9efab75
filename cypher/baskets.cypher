// purpose: What each person who liked or used something did, with the last time of each in seconds since 1970, 0 for an
//   unknown one:
//   the users of interaction logs, and the seekers of training dialogues
// returns: things
// mode: read
// internal: true
MATCH (user:User)
WITH COLLECT {
  MATCH (user)-[interaction:INTERACTED]->(item:Item)
  WITH item, max(interaction.time) AS time
  RETURN [item.uri, time]
} AS things
WHERE size(things) > 0
RETURN things
UNION ALL
MATCH (dialogue:Dialogue {split: 'train'})
WITH COLLECT {
  MATCH (dialogue)-[:HAS_TURN]->(:Turn)-[:MENTIONS {liked: true}]->(entity:Entity)
  WITH DISTINCT entity
  RETURN [entity.uri, 0]
} AS things
WHERE size(things) > 0
RETURN things
