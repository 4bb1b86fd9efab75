// purpose: Whether nothing is in the graph yet, and no build of edges was: it may be replaced as a whole
// returns: empty
// mode: read
// internal: true
RETURN NOT EXISTS { MATCH (node) WHERE NOT node:GraphState OR node.build > 0 } AS empty
