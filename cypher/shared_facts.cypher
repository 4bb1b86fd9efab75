// purpose: What two entities have in common: neighbours that both have a fact with
// parameters: first (string), second (string), limit (integer, default 100)
// returns: uri, name, first_relations (by which the first has it), second_relations
// mode: read
MATCH (relation:RelationType)
WITH collect(relation.type) AS fact_types
MATCH (:Entity {uri: $first})-[one]-(shared:Entity)-[other]-(:Entity {uri: $second})
WHERE type(one) IN fact_types AND type(other) IN fact_types
WITH shared, collect(DISTINCT type(one)) AS ones, collect(DISTINCT type(other)) AS others
RETURN shared.uri AS uri, coalesce(shared.title, shared.name) AS name,
       COLLECT { UNWIND ones AS relation RETURN relation ORDER BY relation } AS first_relations,
       COLLECT { UNWIND others AS relation RETURN relation ORDER BY relation } AS second_relations
ORDER BY uri
LIMIT $limit
