// purpose: Which of these facts the graph has
//   a fact is a list of subject, relationship type and object
// parameters: facts (list of lists)
// returns: fact
// mode: read
// internal: true
UNWIND $facts AS fact
MATCH (subject:Entity {uri: fact[0]})
MATCH (object:Entity {uri: fact[2]})
WHERE EXISTS { (subject)-[:$(fact[1])]->(object) }
RETURN fact
