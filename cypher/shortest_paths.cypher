// purpose: The shortest ways from one entity to another over facts, in either direction
// about: `longest` is six at most. Relations are written as they are met: STARRING> along a relationship's direction,
//   <STARRING against it.
// parameters: first (string), second (string), longest (integer, default 4), limit (integer, default 10)
// returns: length (in steps), uris (of the stops), names, relations (between them)
// mode: read
MATCH (relation:RelationType)
WITH collect(relation.type) AS fact_types
MATCH (first:Entity {uri: $first}), (second:Entity {uri: $second})
WHERE first <> second // Neo4j refuses a path from a node to itself
MATCH path = allShortestPaths((first)-[edges*..6]-(second))
WHERE all(edge IN edges WHERE type(edge) IN fact_types)
WITH length(path) AS length, nodes(path) AS stops, relationships(path) AS edges
// Asked of the path above, the length would make Neo4j try every way there is.
WHERE length <= $longest
RETURN length, [stop IN stops | stop.uri] AS uris, [stop IN stops | coalesce(stop.title, stop.name)] AS names,
       [place IN range(0, size(edges) - 1) | CASE
          WHEN startNode(edges[place]) = stops[place] THEN type(edges[place]) + '>'
          ELSE '<' + type(edges[place])
        END] AS relations
ORDER BY uris, relations
LIMIT $limit
