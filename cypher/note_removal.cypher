// purpose: Let readers of computed edges know that some went without a build: the build's number moves on
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.build = state.build + 1
