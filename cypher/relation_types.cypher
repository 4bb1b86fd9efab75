// purpose: The relationship types that stand for facts, and the predicate of each
// returns: type, uri
// mode: read
MATCH (relation:RelationType)
RETURN relation.type AS type, relation.uri AS uri
ORDER BY type
