// purpose: Delete dialogues with their turns; of one that a build has counted a note stays until the next build
//   A build that is at work may have counted them, and writes nothing from now on
// parameters: ids (list of strings)
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1, state.removals = state.removals + 1
REMOVE state.builder
WITH state
UNWIND $ids AS id
MATCH (dialogue:Dialogue {id: id})
CALL (dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)
  DETACH DELETE turn
}
WITH state, dialogue,
     coalesce(CASE WHEN dialogue.counted_build > state.build THEN dialogue.counted_before
                   ELSE dialogue.counted END, []) AS counted
REMOVE dialogue:Dialogue
SET dialogue:RemovedDialogue, dialogue.counted = counted, dialogue.change = state.change
WITH dialogue, counted
WHERE counted = []
DELETE dialogue
