// purpose: Items whose descriptions are like those of these items, either way, for the ranker
// parameters: uris (list of strings)
// returns: uri, items (lists of URI, cosine, and whether the edge begins at the named one; those that do come last)
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
         WITH item, edge, startNode(edge) = named AS begins
         RETURN [item.uri, edge.score, begins] ORDER BY begins
       } AS items
