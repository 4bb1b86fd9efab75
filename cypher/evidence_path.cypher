// purpose: The relationships of a path, one row a step, as they stand: what a term of a score rests on
// about: The n-th step leads from the n-th of `starts` to the n-th of `ends`, by a relationship of the n-th type. A step
//   that the graph does not hold, or no longer, has no row.
// parameters: starts (list of strings), types (list of strings), ends (list of strings)
// returns: source (URI), relation, target (URI), source_name, target_name,
//   count (conversations, or people, that have both), score (similarity), sources (who brought a fact)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
UNWIND range(0, size($starts) - 1) AS step
MATCH (source:Entity {uri: $starts[step]})
MATCH (target:Entity {uri: $ends[step]})
MATCH (source)-[edge:$($types[step])]->(target)
WHERE NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
   OR edge.build <= build < coalesce(edge.ended, 9223372036854775807)
RETURN source.uri AS source, type(edge) AS relation, target.uri AS target,
       coalesce(source.title, source.name) AS source_name, coalesce(target.title, target.name) AS target_name,
       edge.count AS count, edge.score AS score, edge.sources AS sources
ORDER BY step
