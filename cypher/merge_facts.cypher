// purpose: Make the facts of one relationship type, between entities that are there, that are not there yet
//   replan: a plan made while the graph has no relationship scans them all for every row, and would be kept
// parameters: type (string), pairs (list of lists of two URIs)
// returns: new
// mode: write
// internal: true
CYPHER replan=force
UNWIND $pairs AS pair
MATCH (subject:Entity {uri: pair[0]})
MATCH (object:Entity {uri: pair[1]})
WITH subject, object, EXISTS { (subject)-[:$($type)]->(object) } AS known
MERGE (subject)-[:$($type)]->(object)
RETURN count(CASE WHEN NOT known THEN 1 END) AS new
