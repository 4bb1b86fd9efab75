// purpose: Which of these counts of training dialogues that mention all of some labels are wrong
// parameters: claims (list of lists of labels and a count)
// returns: claim, found
// mode: read
// internal: true
MATCH (entity:Entity)
WITH entity, coalesce(entity.title, entity.name) + CASE WHEN entity.year IS NULL THEN '' ELSE ' (' + entity.year + ')' END AS label
MATCH (entity)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
WITH dialogue, collect(DISTINCT label) AS labels
WITH collect(labels) AS dialogues
UNWIND $claims AS claim
WITH claim, size([labels IN dialogues WHERE all(one IN claim[0] WHERE one IN labels)]) AS found
WHERE found <> claim[1]
RETURN claim, found
