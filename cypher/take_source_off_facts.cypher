// purpose: Some facts are no longer a source's; those that are nobody else's go
// parameters: facts (list of relationship types), source (string), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (:Entity)-[fact]->(:Entity)
WHERE type(fact) IN $facts AND $source IN fact.sources
WITH fact
LIMIT $size
WITH collect(fact) AS facts
WITH [one IN facts WHERE size(one.sources) = 1] AS alone, [one IN facts WHERE size(one.sources) > 1] AS shared
FOREACH (fact IN alone | DELETE fact)
FOREACH (fact IN shared | SET fact.sources = [one IN fact.sources WHERE one <> $source])
RETURN size(alone) + size(shared) AS done
