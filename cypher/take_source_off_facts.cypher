// purpose: The facts of some entities, those behind one of them by URI, are no longer a source's; those that are
//   nobody else's go
// parameters: after (string), facts (list of relationship types), source (string), size (integer, default 1000)
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
  WITH collect(fact) AS facts
  FOREACH (fact IN [one IN facts WHERE size(one.sources) > 1] |
    SET fact.sources = [one IN fact.sources WHERE one <> $source])
  FOREACH (fact IN [one IN facts WHERE one.sources = [$source]] | DELETE fact)
  RETURN size(facts) AS done
}
RETURN max(entity.uri) AS last, sum(done) AS done
