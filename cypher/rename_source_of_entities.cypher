// purpose: Some entities of one source, and what it says of items, become another's
// parameters: source (string), name (string), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE $source IN entity.sources
WITH entity
LIMIT $size
SET entity.sources = [one IN entity.sources WHERE NOT one IN [$source, $name]] + $name,
    entity.item_sources = CASE WHEN $source IN entity.item_sources
      THEN [one IN entity.item_sources WHERE NOT one IN [$source, $name]] + $name
      ELSE entity.item_sources END,
    entity.given_by = [one IN entity.given_by |
      CASE WHEN substring(one, size(split(one, ' ')[0]) + 1) = $source THEN split(one, ' ')[0] + ' ' + $name
           ELSE one END]
RETURN count(entity) AS done
