// purpose: Let readers see what was staged, all at once: the build's number moves on, with the popularity that goes
//   with it. Nothing happens, and there is no row, when another build has taken over
// parameters: builder (string), change (integer), neighbours (integer), half_life (number),
//   popularity (list of lists of URI and count)
// returns: build, moment
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.dirty = true // takes the lock, so that the builder is the one of now
WITH state
WHERE state.builder = $builder
SET state.build = state.build + 1, state.built_change = $change, state.neighbours = $neighbours,
    state.half_life = $half_life
WITH state
CALL () {
  UNWIND $popularity AS row
  MATCH (item:Item&Entity {uri: row[0]})
  SET item.popularity = row[1]
}
RETURN state.build AS build, toString(datetime()) AS moment
