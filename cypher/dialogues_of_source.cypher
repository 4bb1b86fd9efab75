// purpose: The dialogues of a source, of one split or of all
// parameters: source (string), split (string, default null)
// returns: id
// mode: read
// internal: true
MATCH (dialogue:Dialogue {source: $source})
WHERE $split IS NULL OR dialogue.split = $split
RETURN dialogue.id AS id
ORDER BY id
