// purpose: Items by the number of training dialogues that mention them
// about: The figures are those of `tellgraph build edges`, which comes first.
// parameters: limit (integer, default 10)
// returns: uri, title, year, popularity
// mode: read
MATCH (item:Item)
WHERE item.popularity > 0
RETURN item.uri AS uri, item.title AS title, item.year AS year, item.popularity AS popularity
ORDER BY popularity DESC, uri
LIMIT $limit
