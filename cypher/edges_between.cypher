// purpose: Every relationship between the two entities of each pair, with its figures
// parameters: pairs (list of lists of two URIs)
// returns: source, relation, target, count, score
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
UNWIND $pairs AS pair
MATCH (left:Entity {uri: pair[0]})
MATCH (right:Entity {uri: pair[1]})
MATCH (left)-[edge]-(right)
WHERE NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
   OR edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN startNode(edge).uri AS source, type(edge) AS relation, endNode(edge).uri AS target,
       edge.count AS count, edge.score AS score
ORDER BY source, relation, target
