// purpose: Make the facts of one relationship type, between entities that are there, that are not there yet
//   replan: a plan made while the graph has no relationship scans them all for every row, and would be kept
// parameters: type (string), pairs (list of lists of two URIs), source (string)
// mode: write
// internal: true
CYPHER replan=force
MATCH (state:GraphState)
UNWIND $pairs AS pair
MATCH (subject:Entity {uri: pair[0]})
MATCH (object:Entity {uri: pair[1]})
MERGE (subject)-[fact:$($type)]->(object)
ON CREATE SET fact.sources = [$source], fact.build = state.build + 1
WITH fact
WHERE NOT $source IN fact.sources
SET fact.sources = fact.sources + $source
