// purpose: Every entity, in lists of up to `size`: its key, URI, name, and the build that first could see it. A key is
//   the server's own id and means something only until a node is deleted; elementId() would do the same at twice the
//   server's time, since it makes 45 characters of it
// parameters: size (integer, default 10000)
// returns: columns
// mode: read
// internal: true
MATCH (entity:Entity)
WITH collect(entity) AS entities
WHERE size(entities) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(entities) - 1, $size) AS start
WITH entities[start..start + $size] AS part
RETURN [[node IN part | id(node)],
        [node IN part | node.uri],
        [node IN part | coalesce(node.name, node.uri)],
        [node IN part | coalesce(node.build, 0)]] AS columns
