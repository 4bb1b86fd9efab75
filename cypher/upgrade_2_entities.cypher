// purpose: Schema 1 to 2: the source of some entities becomes a list; those that no fact names were listed by it
// parameters: size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE entity.sources IS NULL
WITH entity
LIMIT $size
SET entity.sources = [coalesce(entity.source, 'unknown')], entity.build = 0,
    entity.listed_by = CASE
      WHEN NOT entity:Item AND NOT EXISTS {
        (entity)-[fact]-(:Entity)
        WHERE NOT type(fact) IN ['CO_MENTIONED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
      } THEN [coalesce(entity.source, 'unknown')] END
REMOVE entity.source
RETURN count(entity) AS done
