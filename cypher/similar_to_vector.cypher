// purpose: The items nearest to a vector of your own, through a vector index; score is (1 + cosine) / 2
//   The vector comes from the encoder that made the items' vectors. The index is item_text or item_image.
// parameters: vector (list of numbers), index (string, default "item_text"), limit (integer, default 10)
// returns: uri, title, year, score
// mode: read
CALL db.index.vector.queryNodes($index, $limit, $vector) YIELD node, score
RETURN node.uri AS uri, node.title AS title, node.year AS year, score
ORDER BY score DESC, uri
