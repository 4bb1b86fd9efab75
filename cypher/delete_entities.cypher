// purpose: Delete entities with their facts, edges, vectors and mentions
//   Dialogues forget that a build counted them, also those that changed since and mention them no more; items that had
//   one as a neighbour get the number of this change, for the next build of edges. A build that is at work may have
//   read them, and writes nothing from now on
// parameters: uris (list of strings)
// returns: deleted
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1, state.removals = state.removals + 1
REMOVE state.builder
WITH state
CALL (state) {
  MATCH (dialogue:Dialogue)
  WHERE dialogue.change > coalesce(state.built_change, -1)
  WITH dialogue
  WHERE any(uri IN $uris WHERE uri IN dialogue.counted OR uri IN dialogue.counted_before)
  SET dialogue.counted = [one IN dialogue.counted WHERE NOT one IN $uris],
      dialogue.counted_before = [one IN dialogue.counted_before WHERE NOT one IN $uris]
}
CALL () {
  MATCH (dialogue:RemovedDialogue)
  WHERE any(uri IN $uris WHERE uri IN dialogue.counted OR uri IN dialogue.counted_before)
  SET dialogue.counted = [one IN dialogue.counted WHERE NOT one IN $uris],
      dialogue.counted_before = [one IN dialogue.counted_before WHERE NOT one IN $uris]
}
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
CALL (entity) {
  MATCH (dialogue:Dialogue)-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(entity)
  WITH DISTINCT dialogue, entity.uri AS uri
  SET dialogue.counted = [one IN dialogue.counted WHERE one <> uri],
      dialogue.counted_before = [one IN dialogue.counted_before WHERE one <> uri]
}
CALL (state, entity) {
  MATCH (neighbour:Item)-[:TEXT_SIMILAR]->(entity)
  SET neighbour.text_change = state.change
}
CALL (state, entity) {
  MATCH (neighbour:Item)-[:IMAGE_SIMILAR]->(entity)
  SET neighbour.image_change = state.change
}
DETACH DELETE entity
RETURN count(*) AS deleted
