// purpose: The facts and computed edges that came after a build, or ended after it, the newest first
// about: Of computed edges, what finished builds made and ended; before build N was finished, a reader saw none of what
//   it made. A fact is seen at once and bears the number of the next build. Ended edges are deleted soon after.
// parameters: build (integer), limit (integer, default 100)
// returns: build (the one that made or ended it), change (new or ended), source, source_name, relation,
//   target, target_name
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (source)-[edge]->(target)
WHERE $build < edge.build <= build < coalesce(edge.ended, 9223372036854775807)
   OR $build < edge.ended <= build
   OR $build < edge.build AND NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
WITH source, edge, target, coalesce(edge.ended <= build, false) AS ended
WITH source, edge, target, ended, CASE WHEN ended THEN edge.ended ELSE edge.build END AS moment
ORDER BY moment DESC, source.uri, type(edge), target.uri
LIMIT $limit
RETURN moment AS build, CASE WHEN ended THEN 'ended' ELSE 'new' END AS change,
       source.uri AS source, coalesce(source.title, source.name) AS source_name, type(edge) AS relation,
       target.uri AS target, coalesce(target.title, target.name) AS target_name
ORDER BY build DESC, source, relation, target
