// purpose: How many training dialogues mention an item, and in how many the recommender does
// parameters: uri (string)
// returns: uri, title, mentioned, recommended, dialogues (training dialogues there are)
// mode: read
MATCH (item:Entity {uri: $uri})
RETURN item.uri AS uri, coalesce(item.title, item.name) AS title,
       COUNT {
         MATCH (item)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
         RETURN DISTINCT dialogue
       } AS mentioned,
       COUNT {
         MATCH (item)<-[:MENTIONS]-(:Turn {role: 'recommender'})<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
         RETURN DISTINCT dialogue
       } AS recommended,
       COUNT { (:Dialogue {split: 'train'}) } AS dialogues
