// purpose: The index that finds the dialogues of a source
// mode: write
// internal: true
CREATE INDEX dialogue_source IF NOT EXISTS FOR (dialogue:Dialogue) ON (dialogue.source)
