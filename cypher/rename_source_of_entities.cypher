// purpose: Entities of one source behind one of them by URI, and what it says of items, become another's
// parameters: after (string), source (string), name (string), size (integer, default 10000)
// returns: last (null at the end), done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE entity.uri > $after AND $source IN entity.sources
WITH entity
ORDER BY entity.uri
LIMIT $size
SET entity.sources = [one IN entity.sources WHERE NOT one IN [$source, $name]] + $name,
    entity.listed_by = CASE WHEN $source IN entity.listed_by
      THEN [one IN entity.listed_by WHERE NOT one IN [$source, $name]] + $name
      ELSE entity.listed_by END,
    entity.item_sources = CASE WHEN $source IN entity.item_sources
      THEN [one IN entity.item_sources WHERE NOT one IN [$source, $name]] + $name
      ELSE entity.item_sources END,
    entity.given_by = [one IN entity.given_by |
      CASE WHEN substring(one, size(split(one, ' ')[0]) + 1) = $source THEN split(one, ' ')[0] + ' ' + $name
           ELSE one END]
RETURN max(entity.uri) AS last, count(entity) AS done
