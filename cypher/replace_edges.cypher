// purpose: Give some entities these outgoing edges of one type, and no others of it
// parameters: type (CO_MENTIONED or TEXT_SIMILAR or IMAGE_SIMILAR),
//   rows (list of maps with uri and edges; an edge is a map with uri and properties)
// mode: write
// internal: true
UNWIND $rows AS row
MATCH (source:Entity {uri: row.uri})
CALL (source, row) {
  MATCH (source)-[old:$($type)]->(other:Entity)
  WHERE NOT other.uri IN [edge IN row.edges | edge.uri]
  DELETE old
}
UNWIND row.edges AS edge
MATCH (target:Entity {uri: edge.uri})
MERGE (source)-[new:$($type)]->(target)
SET new = edge.properties
