// purpose: What was mentioned in training dialogues after something like a text of your own was said
// about: The index is turn_context, for all that was said before a turn, or turn_recent, for the newest three turns.
//   The command line makes the vector of the text itself. Words are shown of dialogues that were ingested with
//   --quotable, and of no others.
// parameters: vector (vector of a text), index (string, default "turn_context"), limit (integer, default 10)
// returns: dialogue (its id), turn (that mentions the items), similarity (the cosine), items (their URIs, in order),
//   words (of the newest three turns before; null where they may not be shown)
// mode: read
CALL db.index.vector.queryNodes($index, $limit, $vector) YIELD node AS turn
MATCH (dialogue:Dialogue)-[:HAS_TURN]->(turn:Turn)
WHERE dialogue.split = 'train'
WITH dialogue, turn, CASE $index WHEN 'turn_recent' THEN turn.recent_vector ELSE turn.context_vector END AS said
// The function gives half of one plus the cosine.
WITH dialogue, turn, 2 * vector.similarity.cosine(said, $vector) - 1 AS similarity
RETURN dialogue.id AS dialogue, turn.index AS turn, similarity, COLLECT {
  MATCH (turn)-[mention:MENTIONS]->(item:Item)
  WITH item.uri AS uri, min(mention.position) AS position
  RETURN uri ORDER BY position, uri
} AS items, CASE WHEN dialogue.quotable THEN trim(reduce(words = '', text IN COLLECT {
  MATCH (dialogue)-[:HAS_TURN]->(before:Turn)
  WHERE turn.index - 3 <= before.index < turn.index
  RETURN before.text ORDER BY before.index
} | words + ' ' + text)) END AS words
ORDER BY similarity DESC, dialogue, turn
