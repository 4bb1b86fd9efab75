// purpose: Keep the predicate that a relationship type was made from; false where it was made from another
// parameters: type (string), uri (string)
// returns: kept
// mode: write
// internal: true
MERGE (relation:RelationType {type: $type})
ON CREATE SET relation.uri = $uri
RETURN relation.uri = $uri AS kept
