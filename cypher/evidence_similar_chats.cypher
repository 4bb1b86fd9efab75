// purpose: What was mentioned in training dialogues after something like a text was said, for the ranker
// parameters: vector (vector of the text), index (string: turn_context or turn_recent), limit (integer)
// returns: dialogue (its id), turn (that mentions the items), similarity (the cosine), items (their URIs)
// mode: read
// internal: true
CALL db.index.vector.queryNodes($index, $limit, $vector) YIELD node AS turn, score
MATCH (dialogue:Dialogue {split: 'train'})-[:HAS_TURN]->(turn)
// The index holds whole vectors, and its score is half of one plus the cosine.
RETURN dialogue.id AS dialogue, turn.index AS turn, 2 * score - 1 AS similarity,
       COLLECT { MATCH (turn)-[:MENTIONS]->(item:Item) RETURN DISTINCT item.uri } AS items
ORDER BY similarity DESC, dialogue, turn
