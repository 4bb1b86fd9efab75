// purpose: One registry node per relationship type that was made from a predicate
// mode: write
// internal: true
CREATE CONSTRAINT relation_type IF NOT EXISTS FOR (relation:RelationType) REQUIRE relation.type IS UNIQUE
