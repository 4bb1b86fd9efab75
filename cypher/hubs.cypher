// purpose: The entities with the most connections, through which nearly everything is two steps from everything
// about: Counted as they stand: an edge also while it ended or waits for its build. What visitors of the app like or
//   dislike counts for nothing.
// parameters: limit (integer, default 20)
// returns: uri, name, is_item, connections (relationships of any type, also those to dialogues and people)
// mode: read
MATCH (entity:Entity)
WITH entity, COUNT { (entity)--() } - COUNT { (entity)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() } AS connections
ORDER BY connections DESC, entity.uri
LIMIT $limit
RETURN entity.uri AS uri, coalesce(entity.title, entity.name) AS name, entity:Item AS is_item, connections
ORDER BY connections DESC, uri
