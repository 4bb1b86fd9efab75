// purpose: One node per URI, and a fast way to it
// mode: write
// internal: true
CREATE CONSTRAINT entity_uri IF NOT EXISTS FOR (entity:Entity) REQUIRE entity.uri IS UNIQUE
