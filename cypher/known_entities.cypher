// purpose: Which of these URIs are entities of the graph
// parameters: uris (list of strings)
// returns: uris
// mode: read
// internal: true
UNWIND $uris AS uri
MATCH (entity:Entity {uri: uri})
RETURN collect(entity.uri) AS uris
