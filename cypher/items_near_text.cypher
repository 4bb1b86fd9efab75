// purpose: The items whose descriptions are nearest to a text of your own
// about: The command line makes the vector itself: -p text="a heist in a dream".
// parameters: vector (vector of a text), limit (integer, default 10)
// returns: uri, title, year, score (from 0 to 1: half of one plus the cosine)
// mode: read
CALL db.index.vector.queryNodes('item_text', $limit, $vector) YIELD node, score
RETURN node.uri AS uri, node.title AS title, node.year AS year, score
ORDER BY score DESC, uri
