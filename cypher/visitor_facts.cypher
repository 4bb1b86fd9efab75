// purpose: Everything that is written of a visitor of the app, oldest first
// parameters: visitor (string)
// returns: kind (the relationship's type), graph (of a reason), uri (of the entity, or another source of a reason), at
//   (seconds since 1970, null for a reason that comes from no entity)
// mode: read
// internal: true
MATCH (visitor:Visitor {id: $visitor})
CALL (visitor) {
  MATCH (visitor)-[fact:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]->(entity:Entity)
  RETURN type(fact) AS kind, fact.graph AS graph, entity.uri AS uri, fact.at AS at
  UNION ALL
  UNWIND visitor.less_of AS reason
  RETURN 'LESS_OF' AS kind, split(reason, ' ')[0] AS graph,
         substring(reason, size(split(reason, ' ')[0]) + 1) AS uri, NULL AS at
}
RETURN kind, graph, uri, at
ORDER BY at, kind, graph, uri
