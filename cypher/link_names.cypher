// purpose: Entities that names in a text may mean, for many full-text searches at once
// parameters: searches (list of strings in Lucene's syntax), limit (integer, default 25)
// returns: uri, name, title, year, is_item, degree
// mode: read
// internal: true
UNWIND $searches AS search
CALL db.index.fulltext.queryNodes('entity_names', search, {limit: $limit}) YIELD node
WITH DISTINCT node
RETURN node.uri AS uri, node.name AS name, node.title AS title, node.year AS year,
       node:Item AS is_item,
       COUNT { (node)--() } - COUNT { (node)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() } AS degree
ORDER BY uri
