// purpose: One node per dialogue
// mode: write
// internal: true
CREATE CONSTRAINT dialogue_id IF NOT EXISTS FOR (dialogue:Dialogue) REQUIRE dialogue.id IS UNIQUE
