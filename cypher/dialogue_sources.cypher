// purpose: Where the graph's dialogues are from: the names they were ingested under
// returns: source, dialogues
// mode: read
// internal: true
MATCH (dialogue:Dialogue)
RETURN dialogue.source AS source, count(dialogue) AS dialogues
ORDER BY source
