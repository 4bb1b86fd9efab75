// purpose: Every item with its properties but the vectors and the pictures' paths, in lists of up to `size`
// parameters: size (integer, default 1000)
// returns: items
// mode: read
// internal: true
MATCH (item:Item)
WITH collect(item) AS everything
WHERE size(everything) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(everything) - 1, $size) AS start
RETURN [item IN everything[start..start + $size] |
  item {.uri, .title, .year, .genres, .plot, .directors, .writers, .stars, .popularity}] AS items
