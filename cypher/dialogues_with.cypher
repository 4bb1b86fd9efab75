// purpose: The turns of dialogues that mention an entity
// about: With `split` only those of train, valid or test.
// parameters: uri (string), split (string, default null), limit (integer, default 20)
// returns: dialogue (its id), split, turn, role, text
// mode: read
MATCH (dialogue:Dialogue)-[:HAS_TURN]->(turn:Turn)-[:MENTIONS]->(:Entity {uri: $uri})
WHERE $split IS NULL OR dialogue.split = $split
RETURN DISTINCT dialogue.id AS dialogue, dialogue.split AS split, turn.index AS turn, turn.role AS role,
       turn.text AS text
ORDER BY dialogue, turn
LIMIT $limit
