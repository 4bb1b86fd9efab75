// purpose: Why two entities are alike: the ways of up to four steps between them, the strongest first
// about: A way is as strong as the product of its edges (a fact 1, a count c is c / (c + 1), a similarity its score),
//   divided by the square root of every stop's connections: what leads over a hub says little. Ways of one and two
//   steps are all found; longer ones only from the `width` least connected neighbours of each end, and a way of four
//   steps turns at none that has more than 200 connections. Relations are written as they are met: STARRING> along a
//   relationship's direction, <STARRING against it. Connections are counted as they stand: an edge also while it ended
//   or waits for its build, and without what visitors of the app like or dislike.
// parameters: first (string), second (string), width (integer, default 25), limit (integer, default 10)
// returns: strength, length (in steps), explanation (the way in words), uris, names, relations
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (first:Entity {uri: $first}), (second:Entity {uri: $second})
WHERE first <> second
CALL (build, first, second) {
  MATCH (first)-[edge]-(stop:Entity)
  WHERE stop <> second AND stop <> first
    AND (NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
         OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
  WITH DISTINCT stop
  ORDER BY COUNT { (stop)--() } - COUNT { (stop)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() }, stop.uri
  LIMIT $width
  RETURN collect(stop) AS near
}
CALL (build, first, second) {
  MATCH (second)-[edge]-(stop:Entity)
  WHERE stop <> second AND stop <> first
    AND (NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
         OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
  WITH DISTINCT stop
  ORDER BY COUNT { (stop)--() } - COUNT { (stop)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() }, stop.uri
  LIMIT $width
  RETURN collect(stop) AS far
}
CALL (first, second, near, far) {
  MATCH path = (first)--(second)
  RETURN path
  UNION ALL
  MATCH path = (first)--(stop:Entity)--(second)
  WHERE stop <> first AND stop <> second
  RETURN path
  UNION ALL
  UNWIND near AS one
  MATCH (one)--(two:Entity)
  WHERE two IN far AND one <> two
  WITH DISTINCT first, second, one, two
  MATCH path = (first)--(one)--(two)--(second)
  RETURN path
  UNION ALL
  UNWIND far AS two
  MATCH (two)--(middle:Entity)
  WHERE COUNT { (middle)--() } - COUNT { (middle)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() } <= 200
  WITH first, second, near, far, collect(DISTINCT middle) AS reached
  UNWIND near AS one
  MATCH (one)--(middle:Entity)
  WHERE middle IN reached AND middle <> first AND middle <> second
  WITH DISTINCT first, second, far, one, middle
  MATCH (middle)--(two:Entity)
  WHERE two IN far AND one <> two
  WITH DISTINCT first, second, one, middle, two
  MATCH path = (first)--(one)--(middle)--(two)--(second)
  RETURN path
}
WITH build, nodes(path) AS stops, relationships(path) AS edges
WHERE all(edge IN edges WHERE NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
          OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
WITH stops, edges,
     reduce(product = 1.0, edge IN edges |
       product * coalesce(edge.score, edge.count / (edge.count + 1.0), 1.0))
     / reduce(product = 1.0, stop IN stops[1..-1] |
         product * sqrt(COUNT { (stop)--() } - COUNT { (stop)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() })) AS strength
ORDER BY strength DESC, size(edges), [stop IN stops | stop.uri], [edge IN edges | type(edge)]
LIMIT $limit
WITH strength, stops, edges, [stop IN stops | coalesce(stop.title, stop.name, stop.uri)] AS names
RETURN strength, size(edges) AS length,
       reduce(said = names[0], place IN range(0, size(edges) - 1) | said + CASE
         WHEN startNode(edges[place]) = stops[place] THEN ' –' + type(edges[place]) + '→ '
         ELSE ' ←' + type(edges[place]) + '– '
       END + names[place + 1]) AS explanation,
       [stop IN stops | stop.uri] AS uris, names,
       [place IN range(0, size(edges) - 1) | CASE
          WHEN startNode(edges[place]) = stops[place] THEN type(edges[place]) + '>'
          ELSE '<' + type(edges[place])
        END] AS relations
ORDER BY strength DESC, length, uris, relations
