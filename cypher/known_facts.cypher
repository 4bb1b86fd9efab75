// purpose: Which of these facts of one relationship type the graph has
// parameters: type (string), pairs (list of lists of two URIs)
// returns: subject, object
// mode: read
// internal: true
UNWIND $pairs AS pair
MATCH (subject:Entity {uri: pair[0]})
MATCH (object:Entity {uri: pair[1]})
WHERE EXISTS { (subject)-[:$($type)]->(object) }
RETURN pair[0] AS subject, pair[1] AS object
