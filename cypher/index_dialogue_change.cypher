// purpose: The index that finds the dialogues whose mentions changed since the last build
// mode: write
// internal: true
CREATE INDEX dialogue_change IF NOT EXISTS FOR (dialogue:Dialogue) ON (dialogue.change)
