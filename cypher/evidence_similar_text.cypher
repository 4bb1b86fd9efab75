// purpose: Items whose descriptions are like those of these items, either way, for the ranker
// parameters: uris (list of strings)
// returns: uri, items (lists of URI and cosine)
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
UNWIND $uris AS uri
MATCH (named:Entity {uri: uri})
RETURN uri,
       COLLECT {
         MATCH (named)-[edge:TEXT_SIMILAR]-(item:Item)
         WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
         RETURN [item.uri, edge.score]
       } AS items
