// purpose: Take vectors off items that have nothing to encode any more
// parameters: vector (name of the vector's property), hash (name of the hash's property), uris (list of strings)
// mode: write
// internal: true
UNWIND $uris AS uri
MATCH (item:Entity {uri: uri})
REMOVE item[$vector], item[$hash]
