// purpose: What leaves some entities, as lists by relation: the keys of both ends, then for a computed edge count,
//   weight, score and rank, null where its relation has none. Keys are those of export_entities. Many entities are
//   asked for in many calls, so that the server never holds all values at once; each is walked from once.
//   The build comes as a parameter, since it must be the same in all calls, and the planner would look for the
//   GraphState again at every edge. CASE keeps it from testing every edge for everything, as OR does
// parameters: keys (list of integers), facts (list of relationship types), computed (list of relationship types),
//   build (integer), since (integer, default null)
// returns: table, columns
// mode: read
// internal: true
MATCH (source)
WHERE id(source) IN $keys
MATCH (source)-[edge]->(target)
WHERE CASE
  WHEN type(edge) IN $facts THEN $since IS NULL OR edge.build > $since
  WHEN type(edge) IN $computed THEN ($since IS NULL OR edge.build > $since)
    AND edge.build <= $build < coalesce(edge.ended, 9223372036854775807)
  ELSE false
END
WITH type(edge) AS table, collect(id(source)) AS sources, collect(id(target)) AS targets,
     collect(CASE WHEN type(edge) IN $computed THEN edge END) AS computed
RETURN table,
       [sources, targets, [edge IN computed | edge.count], [edge IN computed | edge.weight],
        [edge IN computed | edge.score], [edge IN computed | edge.rank]] AS columns
