// purpose: Count on every item the training dialogues that mention it
// mode: write
// internal: true
MATCH (item:Item)
SET item.popularity = COUNT {
  MATCH (item)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
  RETURN DISTINCT dialogue
}
