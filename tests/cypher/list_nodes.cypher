// purpose: All nodes as they are
// returns: labels, properties
// mode: read
MATCH (node)
RETURN labels(node) AS labels, properties(node) AS properties
