// purpose: The facts and computed edges that came after a build, or ended after it, the newest first
// about: Before build N ended, a reader of build N - 1 did not see what it made. Ended edges are deleted soon after.
// parameters: build (integer), limit (integer, default 100)
// returns: build (the one that first shows the change), change (new or ended), source, source_name, relation,
//   target, target_name
// mode: read
MATCH (source)-[edge]->(target)
WHERE edge.build > $build OR edge.ended > $build
WITH source, edge, target, CASE WHEN edge.ended > $build THEN edge.ended ELSE edge.build END AS build
ORDER BY build DESC, source.uri, type(edge), target.uri
LIMIT $limit
RETURN build, CASE build WHEN edge.ended THEN 'ended' ELSE 'new' END AS change,
       source.uri AS source, coalesce(source.title, source.name) AS source_name, type(edge) AS relation,
       target.uri AS target, coalesce(target.title, target.name) AS target_name
ORDER BY build DESC, source, relation, target
