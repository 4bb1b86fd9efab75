// purpose: One node for what the graph says of itself
// mode: write
// internal: true
CREATE CONSTRAINT graph_state_key IF NOT EXISTS FOR (state:GraphState) REQUIRE state.key IS UNIQUE
