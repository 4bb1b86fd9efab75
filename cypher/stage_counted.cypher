// purpose: Note what the build to come counts of these dialogues; what the last one counted stays until then
// parameters: builder (string), counted (list of lists of dialogue and URIs)
// returns: staged
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.dirty = true // takes the lock, so that the builder is the one of now
WITH state, state.builder = $builder AS staged
CALL (state, staged) {
  WITH state WHERE staged
  UNWIND $counted AS row
  MATCH (dialogue:Dialogue {id: row[0]})
  SET dialogue.counted_before = CASE WHEN dialogue.counted_build > state.build THEN dialogue.counted_before
                                     ELSE dialogue.counted END,
      dialogue.counted_build = state.build + 1,
      dialogue.counted = row[1]
}
RETURN staged
