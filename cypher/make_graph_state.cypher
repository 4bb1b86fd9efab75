// purpose: Make the node that says what the graph is, unless it is there
// parameters: schema (integer)
// mode: write
// internal: true
MERGE (state:GraphState {key: 'tellgraph'})
ON CREATE SET state.schema = $schema, state.build = 0, state.removals = 0, state.change = 0
