// purpose: The turns of some dialogues, by id, in their order: index, role, text, whether what was said before is to
//   be encoded, and the hash of what was encoded last. Of dialogues that are not for training only the turns that
//   have such a hash
// parameters: after (string), size (integer)
// returns: dialogue, turns
// mode: read
// internal: true
MATCH (dialogue:Dialogue)
WHERE dialogue.id > $after
WITH dialogue
ORDER BY dialogue.id
LIMIT $size
WITH dialogue, coalesce(dialogue.split = 'train', false) AS train
RETURN dialogue.id AS dialogue, COLLECT {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)
  WHERE train OR turn.context_hash IS NOT NULL
  RETURN [turn.index, turn.role, turn.text,
          train AND turn.index > 0 AND EXISTS { (turn)-[:MENTIONS]->(:Item) }, turn.context_hash]
  ORDER BY turn.index
} AS turns
ORDER BY dialogue
