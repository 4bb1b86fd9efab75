// purpose: The facts of some entities, those behind one of them by URI, become another source's
// parameters: after (string), facts (list of relationship types), source (string), name (string),
//   size (integer, default 1000)
// returns: last (null at the end), done
// mode: write
// internal: true
MATCH (entity:Entity)
WHERE entity.uri > $after
WITH entity
ORDER BY entity.uri
LIMIT $size
CALL (entity) {
  MATCH (entity)-[fact]->(:Entity)
  WHERE type(fact) IN $facts AND $source IN fact.sources
  SET fact.sources = [one IN fact.sources WHERE NOT one IN [$source, $name]] + $name
  RETURN count(fact) AS done
}
RETURN max(entity.uri) AS last, sum(done) AS done
