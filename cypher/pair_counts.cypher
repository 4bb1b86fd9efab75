// purpose: The counts of those of these pairs that are mentioned together; a pair has the smaller URI first
// parameters: pairs (list of lists of two URIs)
// returns: first, second, count
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
UNWIND $pairs AS pair
MATCH (left:Entity {uri: pair[0]})
MATCH (right:Entity {uri: pair[1]})
MATCH (left)-[edge:CO_MENTIONED]->(right)
WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN pair[0] AS first, pair[1] AS second, edge.count AS count
