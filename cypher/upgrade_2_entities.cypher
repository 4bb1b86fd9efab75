// purpose: Schema 1 to 2: the source of some entities becomes a list
// parameters: size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE entity.sources IS NULL
WITH entity
LIMIT $size
SET entity.sources = [coalesce(entity.source, 'unknown')], entity.build = 0
REMOVE entity.source
RETURN count(entity) AS done
