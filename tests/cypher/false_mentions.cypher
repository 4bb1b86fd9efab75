// purpose: Which items a training dialogue does not mention after these words, which end what was said before
// parameters: claims (list of lists of a label, words, which are empty where none are quoted, and a dialogue's id)
// returns: claim
// mode: read
// internal: true
UNWIND $claims AS claim
WITH claim
WHERE NOT EXISTS {
  MATCH (dialogue:Dialogue {split: 'train'})-[:HAS_TURN]->(turn:Turn)-[:MENTIONS]->(item:Item)
  WHERE claim[0] = item.title + CASE WHEN item.year IS NULL THEN '' ELSE ' (' + item.year + ')' END
    AND dialogue.id = claim[2]
    AND (claim[1] = '' OR dialogue.quotable AND EXISTS {
      MATCH (dialogue)-[:HAS_TURN]->(before:Turn {index: turn.index - 1})
      WHERE before.text ENDS WITH claim[1]
    })
}
RETURN claim
