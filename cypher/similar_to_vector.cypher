// purpose: The items nearest to a vector of your own, through a vector index
// about: For an item that is not in the graph yet. The vector comes from the encoder of the items' vectors; the index
//   is item_text or item_image.
// parameters: vector (list of numbers), index (string, default "item_text"), limit (integer, default 10)
// returns: uri, title, year, score (from 0 to 1: half of one plus the cosine)
// mode: read
CALL db.index.vector.queryNodes($index, $limit, $vector) YIELD node, score
RETURN node.uri AS uri, node.title AS title, node.year AS year, score
ORDER BY score DESC, uri
