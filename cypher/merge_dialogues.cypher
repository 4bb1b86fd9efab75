// purpose: Write dialogues with their turns and mentions, as they are now; what an earlier text left over goes
//   a turn is a map of index, role, text and, maybe, the names of what it mentions without a URI; a mention is a list: turn, position, as, URI, liked, seen, suggested.
//   A dialogue whose mentions or split changed gets the number of this change, for the next build of edges; the
//   lock on GraphState keeps the numbers in the order of the commits
// parameters: dialogues (list of maps of id and source and split and quotable and turns and mentions)
// returns: new, new_mentions
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1
WITH state
UNWIND $dialogues AS row
OPTIONAL MATCH (known:Dialogue {id: row.id})
WITH state, row, known IS NULL AS is_new, known.split AS old_split,
     COUNT { (known)-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(:Entity) } AS before
MERGE (dialogue:Dialogue {id: row.id})
ON CREATE SET dialogue.build = state.build + 1, dialogue.change = state.change
SET dialogue.source = row.source, dialogue.split = row.split, dialogue.quotable = coalesce(row.quotable, false)
WITH state, row, dialogue, is_new, before, NOT is_new AND old_split <> row.split AS moved
CALL (row, dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(stale:Turn)
  WHERE stale.index >= size(row.turns)
  DETACH DELETE stale
}
CALL (row, dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)-[stale:MENTIONS]->(entity:Entity)
  WHERE NOT [turn.index, stale.position, stale.as, entity.uri] IN [mention IN row.mentions | mention[0..4]]
  DELETE stale
}
CALL (row, dialogue) {
  UNWIND row.turns AS line
  MERGE (turn:Turn {dialogue: row.id, index: line.index})
  SET turn.role = line.role, turn.text = line.text, turn.unlinked = line.unlinked
  MERGE (dialogue)-[:HAS_TURN]->(turn)
}
WITH state, row, dialogue, is_new, moved, before,
     COUNT { (dialogue)-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(:Entity) } AS kept
CALL (row) {
  UNWIND row.mentions AS mention
  MATCH (turn:Turn {dialogue: row.id, index: mention[0]})
  MATCH (entity:Entity {uri: mention[3]})
  MERGE (turn)-[made:MENTIONS {position: mention[1], as: mention[2]}]->(entity)
  SET made.liked = mention[4], made.seen = mention[5], made.suggested = mention[6]
}
CALL (state, row, dialogue, moved, before, kept) {
  WITH * WHERE moved OR before <> kept OR size(row.mentions) <> kept
  SET dialogue.change = state.change
}
RETURN count(CASE WHEN is_new THEN 1 END) AS new, sum(size(row.mentions) - kept) AS new_mentions
