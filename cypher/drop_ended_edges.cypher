// purpose: Delete what a finished build has replaced: edges of one type out of these entities
// parameters: type (a type of computed edges), uris (list of strings)
// mode: write
// internal: true
MATCH (state:GraphState)
UNWIND $uris AS uri
MATCH (source:Entity {uri: uri})-[edge:$($type)]->(:Entity)
WHERE edge.ended <= state.build
DELETE edge
