// purpose: Take over the building of edges; a build that is at work elsewhere writes nothing from now on
//   dirty: something that no reader sees was left behind
// parameters: builder (string)
// returns: build, change, built_change, neighbours, half_life, dirty
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.builder = $builder
RETURN state.build AS build, state.change AS change, state.built_change AS built_change,
       state.neighbours AS neighbours, state.half_life AS half_life, coalesce(state.dirty, false) AS dirty
