// purpose: A source's list of entities names none any more of those behind one of them, by URI
// parameters: after (string), source (string), size (integer, default 10000)
// returns: last (null at the end), done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE entity.uri > $after AND $source IN entity.listed_by
WITH entity
ORDER BY entity.uri
LIMIT $size
SET entity.listed_by = [one IN entity.listed_by WHERE one <> $source]
RETURN max(entity.uri) AS last, count(entity) AS done
