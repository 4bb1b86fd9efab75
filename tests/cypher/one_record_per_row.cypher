// purpose: What `tests.bench.export` compares the export with: a record for every relation, with URIs
// parameters: facts (list of relationship types)
// returns: source, type, target
// mode: read
// internal: true
MATCH (source:Entity)-[fact]->(target:Entity)
WHERE type(fact) IN $facts
RETURN source.uri AS source, type(fact) AS type, target.uri AS target
