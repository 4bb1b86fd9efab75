// purpose: How many nodes of each label and relationships of each type the graph holds
// about: A node with two labels is counted under both, an edge also while it ended or waits for its build. Visitors of
//   the app and what they like or dislike are left out.
// returns: kind (nodes or relationships), name (the label or the type), count
// mode: read
CALL () {
  MATCH (node)
  UNWIND labels(node) AS name
  RETURN 'nodes' AS kind, name, count(*) AS count
  UNION ALL
  MATCH (source)-[edge]->()
  WHERE NOT (type(edge) IN ['LIKED', 'DISLIKED', 'SEEN', 'MORE_LIKE', 'LESS_OF'] AND source:Visitor)
  RETURN 'relationships' AS kind, type(edge) AS name, count(*) AS count
}
WITH kind, name, count
WHERE NOT name IN ['GraphState', 'Visitor'] // the graph's note on itself, and who looked at it
RETURN kind, name, count
ORDER BY kind, count DESC, name
