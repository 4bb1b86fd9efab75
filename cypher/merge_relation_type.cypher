// purpose: Keep the predicate that a relationship type was made from
// parameters: type (string), uri (string)
// mode: write
// internal: true
MERGE (relation:RelationType {type: $type})
ON CREATE SET relation.uri = $uri
