// purpose: Some facts of one source become another's
// parameters: facts (list of relationship types), source (string), name (string), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (:Entity)-[fact]->(:Entity)
WHERE type(fact) IN $facts AND $source IN fact.sources
WITH fact
LIMIT $size
SET fact.sources = [one IN fact.sources WHERE NOT one IN [$source, $name]] + $name
RETURN count(fact) AS done
