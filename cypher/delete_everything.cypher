// purpose: Empty the graph; constraints, indexes and the schema's version stay
// mode: write
// internal: true
OPTIONAL MATCH (state:GraphState)
SET state.build = 0, state.change = 0, state.removals = state.removals + 1, state.dirty = false
REMOVE state.built_change, state.neighbours, state.half_life, state.builder, state.replacements
WITH count(state) AS states
MATCH (node)
WHERE NOT node:GraphState
DETACH DELETE node
