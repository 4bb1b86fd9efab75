// purpose: Every vector of one modality and the hash that opens with its encoder's name, in lists of up to `size`
// parameters: vector (name of the vector's property), hash (name of the hash's property),
//   size (integer, default 1000)
// returns: uris, vectors, hashes
// mode: read
// internal: true
MATCH (item:Item)
WHERE item[$vector] IS NOT NULL
WITH collect(item) AS items
WHERE size(items) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(items) - 1, $size) AS start
WITH items[start..start + $size] AS part
RETURN [item IN part | item.uri] AS uris,
       [item IN part | item[$vector]] AS vectors,
       [item IN part | item[$hash]] AS hashes
