// purpose: What is mentioned together with these entities in training dialogues, for the ranker
// parameters: uris (list of strings)
// returns: uri, mentioning (training dialogues that mention it), items (lists of an item's URI and the dialogues that
//   mention both)
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
UNWIND $uris AS uri
MATCH (named:Entity {uri: uri})
RETURN uri,
       COUNT {
         MATCH (named)<-[:MENTIONS]-(:Turn)<-[:HAS_TURN]-(dialogue:Dialogue {split: 'train'})
         RETURN DISTINCT dialogue
       } AS mentioning,
       COLLECT {
         MATCH (named)-[edge:CO_MENTIONED]-(item:Item)
         WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
         RETURN [item.uri, edge.count]
       } AS items
