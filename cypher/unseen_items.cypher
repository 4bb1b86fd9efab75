// purpose: The items that no dialogue mentions and nobody interacted with, those with most facts first
// about: Connections are counted as they stand: an edge also while it ended or waits for its build. What visitors of the
//   app like or dislike counts for nothing.
// parameters: limit (integer, default 20)
// returns: uri, title, year, connections (relationships of any type)
// mode: read
MATCH (item:Item)
WHERE NOT EXISTS { (item)<-[:MENTIONS|INTERACTED]-() }
WITH item, COUNT { (item)--() } - COUNT { (item)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() } AS connections
ORDER BY connections DESC, item.uri
LIMIT $limit
RETURN item.uri AS uri, item.title AS title, item.year AS year, connections
ORDER BY connections DESC, uri
