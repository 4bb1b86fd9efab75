// purpose: Entities of a source behind one of them, by URI; `needed` where a fact, the list of items or the list of
//   entities is still its
// parameters: source (string), after (string), facts (list of relationship types), size (integer, default 1000)
// returns: uri, needed, alone
// mode: read
// internal: true
MATCH (entity:Entity)
WHERE entity.uri > $after AND $source IN entity.sources
WITH entity
ORDER BY entity.uri
LIMIT $size
RETURN entity.uri AS uri,
       coalesce($source IN entity.item_sources, false)
         OR coalesce($source IN entity.listed_by, false)
         OR EXISTS { (entity)-[fact]-(:Entity) WHERE type(fact) IN $facts AND $source IN fact.sources } AS needed,
       entity.sources = [$source] AS alone
