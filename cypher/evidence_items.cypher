// purpose: How many training dialogues mention each item, and in how many the recommender does, for the ranker
// returns: uris, mentioned, recommended (lists in one order), dialogues (training dialogues there are)
// mode: read
// internal: true
MATCH (item:Item)
WITH item,
     COUNT {
       MATCH (item)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
       RETURN DISTINCT dialogue
     } AS mentioned,
     COUNT {
       MATCH (item)<-[:MENTIONS]-(:Turn {role: 'recommender'})<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
       RETURN DISTINCT dialogue
     } AS recommended
RETURN collect(item.uri) AS uris, collect(mentioned) AS mentioned, collect(recommended) AS recommended,
       COUNT { (:Dialogue {split: 'train'}) } AS dialogues
