// purpose: How many nodes of each label and relationships of each type the graph holds
// returns: kind, name, count
// mode: read
CALL () {
  CALL db.labels() YIELD label
  CALL (label) { MATCH (node:$(label)) RETURN count(node) AS count }
  RETURN 'nodes' AS kind, label AS name, count
  UNION ALL
  CALL db.relationshipTypes() YIELD relationshipType
  CALL (relationshipType) { MATCH ()-[edge:$(relationshipType)]->() RETURN count(edge) AS count }
  RETURN 'relationships' AS kind, relationshipType AS name, count
}
WITH kind, name, count
WHERE count > 0 AND name <> 'GraphState' // the graph's note on itself
RETURN kind, name, count
ORDER BY kind, count DESC, name
