// purpose: Put vectors and the hashes of what they encode on items, with the number of this change
// parameters: vector (name of the vector's property), hash (name of the hash's property),
//   change (name of the change's property), rows (list of maps with uri and vector and hash)
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1
WITH state
UNWIND $rows AS row
MATCH (item:Entity {uri: row.uri})
CALL db.create.setNodeVectorProperty(item, $vector, row.vector)
SET item[$hash] = row.hash, item[$change] = state.change
