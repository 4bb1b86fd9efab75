// purpose: Schema 1 to 2: some facts get a source, which schema 1 did not keep
// parameters: facts (list of relationship types), size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (:Entity)-[fact]->(:Entity)
WHERE type(fact) IN $facts AND fact.sources IS NULL
WITH fact
LIMIT $size
SET fact.sources = ['unknown'], fact.build = 0
RETURN count(fact) AS done
