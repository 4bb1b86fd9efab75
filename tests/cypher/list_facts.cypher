// purpose: All relationships between entities as they are
// returns: subject, type, object, properties
// mode: read
MATCH (subject:Entity)-[fact]->(object:Entity)
RETURN subject.uri AS subject, type(fact) AS type, object.uri AS object, properties(fact) AS properties
