// purpose: Let readers know that something went, so that they read again
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.removals = state.removals + 1
