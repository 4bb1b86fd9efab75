// purpose: Put vectors and the hashes of what they encode on items
// parameters: vector (name of the vector's property), hash (name of the hash's property),
//   rows (list of maps with uri and vector and hash)
// mode: write
// internal: true
UNWIND $rows AS row
MATCH (item:Entity {uri: row.uri})
CALL db.create.setNodeVectorProperty(item, $vector, row.vector)
SET item[$hash] = row.hash
