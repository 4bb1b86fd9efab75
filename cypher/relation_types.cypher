// purpose: The relationship types that stand for facts, and the predicate of each
// returns: type (as it is written in Cypher), uri (of the predicate)
// mode: read
MATCH (relation:RelationType)
RETURN relation.type AS type, relation.uri AS uri
ORDER BY type
