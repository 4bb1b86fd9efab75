// purpose: How many turns of training dialogues mention an item and have something said before them
// returns: turns
// mode: read
// internal: true
MATCH (dialogue:Dialogue)
WHERE dialogue.split = 'train'
MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)
WHERE turn.index > 0 AND EXISTS { (turn)-[:MENTIONS]->(:Item) }
RETURN count(turn) AS turns
