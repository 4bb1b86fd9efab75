// purpose: How many nodes of each label and relationships of each type the graph holds
// about: A node with two labels is counted under both, an edge also while it ended or waits for its build.
// returns: kind (nodes or relationships), name (the label or the type), count
// mode: read
CALL () {
  MATCH (node)
  UNWIND labels(node) AS name
  RETURN 'nodes' AS kind, name, count(*) AS count
  UNION ALL
  MATCH ()-[edge]->()
  RETURN 'relationships' AS kind, type(edge) AS name, count(*) AS count
}
WITH kind, name, count
WHERE name <> 'GraphState' // the graph's note on itself
RETURN kind, name, count
ORDER BY kind, count DESC, name
