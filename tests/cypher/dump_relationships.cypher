// purpose: Every relationship as type, both ends and properties
// returns: type, source, target, properties
// mode: read
MATCH (source)-[edge]->(target)
RETURN type(edge) AS type, [coalesce(source.uri, source.id, source.dialogue), source.index] AS source,
       [coalesce(target.uri, target.id, target.dialogue), target.index] AS target, properties(edge) AS properties
