// purpose: What each training dialogue mentions, once however often it does
// returns: dialogue, mentions
// mode: read
// internal: true
MATCH (dialogue:Dialogue {split: 'train'})-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(entity:Entity)
RETURN dialogue.id AS dialogue, collect(DISTINCT entity.uri) AS mentions
