// purpose: Note that nothing of an earlier build is left behind, and forget the removed dialogues that it counted
// parameters: builder (string)
// mode: write
// internal: true
MATCH (state:GraphState {builder: $builder})
SET state.dirty = false
WITH state
MATCH (gone:RemovedDialogue)
WHERE gone.change <= state.built_change
DELETE gone
