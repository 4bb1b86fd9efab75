// purpose: Write dialogues with their turns and mentions, as they are now; what an earlier text left over goes
//   a turn is a map of index, role and text; a mention is a list: turn, position, as, URI
// parameters: dialogues (list of maps of id and source and split and turns and mentions)
// returns: new, new_mentions
// mode: write
// internal: true
UNWIND $dialogues AS row
OPTIONAL MATCH (known:Dialogue {id: row.id})
WITH row, known IS NULL AS is_new
MERGE (dialogue:Dialogue {id: row.id})
SET dialogue.source = row.source, dialogue.split = row.split
WITH row, dialogue, is_new
CALL (row, dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(stale:Turn)
  WHERE stale.index >= size(row.turns)
  DETACH DELETE stale
}
CALL (row, dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)-[stale:MENTIONS]->(entity:Entity)
  WHERE NOT [turn.index, stale.position, stale.as, entity.uri] IN row.mentions
  DELETE stale
}
CALL (row, dialogue) {
  UNWIND row.turns AS line
  MERGE (turn:Turn {dialogue: row.id, index: line.index})
  SET turn.role = line.role, turn.text = line.text
  MERGE (dialogue)-[:HAS_TURN]->(turn)
}
WITH row, is_new, COUNT { (dialogue)-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(:Entity) } AS kept
CALL (row) {
  UNWIND row.mentions AS mention
  MATCH (turn:Turn {dialogue: row.id, index: mention[0]})
  MATCH (entity:Entity {uri: mention[3]})
  MERGE (turn)-[:MENTIONS {position: mention[1], as: mention[2]}]->(entity)
}
RETURN count(CASE WHEN is_new THEN 1 END) AS new, sum(size(row.mentions) - kept) AS new_mentions
