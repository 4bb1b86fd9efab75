// purpose: Empty the graph; constraints and indexes stay
// mode: write
// internal: true
MATCH (node)
DETACH DELETE node
