// purpose: Every entity and every relation of the graph, as lists of up to `size` values.
//   The table `entities` has the columns key, URI and name, and comes first; a relation has source and target, as
//   keys of entities, CO_MENTIONED then count, and the similarities score and rank. A key is the server's own id
//   and means something only inside one transaction, which is why all of this is one statement; elementId()
//   would do the same at twice the server's time, since it makes 45 characters of every end
// parameters: facts (list of relationship types), size (integer, default 10000)
// returns: table, columns
// mode: read
// internal: true
MATCH (entity:Entity)
WITH collect(entity) AS entities
WHERE size(entities) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(entities) - 1, $size) AS start
WITH entities[start..start + $size] AS part
RETURN 'entities' AS table,
       [[node IN part | id(node)],
        [node IN part | node.uri],
        [node IN part | coalesce(node.name, node.uri)]] AS columns
UNION ALL
MATCH (source)-[fact]->(target)
WHERE type(fact) IN $facts
WITH type(fact) AS table, collect(id(source)) AS sources, collect(id(target)) AS targets
UNWIND range(0, size(sources) - 1, $size) AS start
RETURN table, [sources[start..start + $size], targets[start..start + $size]] AS columns
UNION ALL
MATCH (source:Entity)-[edge:CO_MENTIONED]->(target:Entity)
WITH type(edge) AS table, collect(id(source)) AS sources, collect(id(target)) AS targets,
     collect(edge.count) AS counts
UNWIND range(0, size(sources) - 1, $size) AS start
RETURN table,
       [sources[start..start + $size], targets[start..start + $size], counts[start..start + $size]] AS columns
UNION ALL
MATCH (source:Item)-[edge:TEXT_SIMILAR|IMAGE_SIMILAR]->(target:Item)
WITH type(edge) AS table, collect(id(source)) AS sources, collect(id(target)) AS targets,
     collect(edge.score) AS scores, collect(edge.rank) AS ranks
UNWIND range(0, size(sources) - 1, $size) AS start
RETURN table,
       [sources[start..start + $size], targets[start..start + $size],
        scores[start..start + $size], ranks[start..start + $size]] AS columns
