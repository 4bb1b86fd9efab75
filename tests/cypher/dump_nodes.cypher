// purpose: Every node as labels and properties, but for the numbers that depend on how often something was written
// returns: labels, properties
// mode: read
MATCH (node)
RETURN labels(node) AS labels, properties(node) AS properties
