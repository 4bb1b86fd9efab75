// purpose: The full-text index that finds entities by words of their name or title, misspelt ones too
// mode: write
// internal: true
CREATE FULLTEXT INDEX entity_names IF NOT EXISTS FOR (entity:Entity) ON EACH [entity.name, entity.title]
