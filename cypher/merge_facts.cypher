// purpose: Make the facts, between entities that are there, that are not there yet, and note who brought them
//   a fact is a list of subject, relationship type and object
//   replan: a plan made while the graph has no relationship scans them all for every row, and would be kept
// parameters: facts (list of lists), source (string)
// mode: write
// internal: true
CYPHER replan=force
MATCH (state:GraphState)
WITH state.build + 1 AS build
UNWIND $facts AS row
MATCH (subject:Entity {uri: row[0]})
MATCH (object:Entity {uri: row[2]})
MERGE (subject)-[fact:$(row[1])]->(object)
ON CREATE SET fact.sources = [$source], fact.build = build
ON MATCH SET fact.sources = CASE WHEN $source IN fact.sources THEN fact.sources ELSE fact.sources + $source END
