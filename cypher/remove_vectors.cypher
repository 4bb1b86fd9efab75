// purpose: Take vectors off items that have nothing to encode any more; they and those whose neighbours they are
//   get the number of this change
// parameters: vector (name of the vector's property), hash (name of the hash's property),
//   change (name of the change's property), type (TEXT_SIMILAR or IMAGE_SIMILAR), uris (list of strings)
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1
WITH state
UNWIND $uris AS uri
MATCH (item:Entity {uri: uri})
CALL (state, item) {
  MATCH (neighbour:Item)-[:$($type)]->(item)
  SET neighbour[$change] = state.change
}
REMOVE item[$vector], item[$hash]
SET item[$change] = state.change
