// purpose: Every vector of one modality with its hash and the number of the change that wrote it, in lists of up to
//   `size`, by URI
// parameters: vector (name of the vector's property), hash (name of the hash's property),
//   change (name of the change's property), size (integer, default 1000)
// returns: uris, vectors, hashes, changes
// mode: read
// internal: true
MATCH (item:Item)
WHERE item[$vector] IS NOT NULL
WITH item
ORDER BY item.uri
WITH collect(item) AS items
WHERE size(items) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(items) - 1, $size) AS start
WITH items[start..start + $size] AS part
RETURN [item IN part | item.uri] AS uris,
       [item IN part | item[$vector]] AS vectors,
       [item IN part | item[$hash]] AS hashes,
       [item IN part | coalesce(item[$change], 0)] AS changes
