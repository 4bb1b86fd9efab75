// purpose: The items whose descriptions are nearest to a vector, with the exact cosine, for the ranker
// parameters: vector (list of numbers), limit (integer)
// returns: uri, similarity (cosine)
// mode: read
// internal: true
CALL db.index.vector.queryNodes('item_text', $limit, $vector) YIELD node
RETURN node.uri AS uri, 2 * vector.similarity.cosine(node.text_vector, $vector) - 1 AS similarity
ORDER BY similarity DESC, uri
