// purpose: Whether nothing is in the graph yet but visitors, and no build of edges was: it may be replaced as a whole
// returns: empty
// mode: read
// internal: true
RETURN NOT EXISTS { MATCH (node) WHERE NOT node:(GraphState|Visitor) OR node.build > 0 } AS empty
