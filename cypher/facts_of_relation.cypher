// purpose: The facts of one predicate, which the relationship type stands for: all that is known of who directed what
// parameters: relation (string), limit (integer, default 100)
// returns: source, source_name, relation, target, target_name
// mode: read
MATCH (:RelationType {type: $relation})
MATCH (source)-[fact]->(target)
WHERE type(fact) = $relation
RETURN source.uri AS source, coalesce(source.title, source.name) AS source_name, type(fact) AS relation,
       target.uri AS target, coalesce(target.title, target.name) AS target_name
ORDER BY source, target
LIMIT $limit
