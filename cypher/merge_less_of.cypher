// purpose: Write which reasons a visitor of the app wants less of, once
//   A reason that comes from an entity is a relationship to it, LESS_OF; any other one (a whole graph, a turn of a
//   similar conversation) stands in the visitor's list `less_of`, its graph and its source with a space between
// parameters: visitor (string), graph (string), source (string), at (seconds since 1970)
// mode: write
// internal: true
MERGE (visitor:Visitor {id: $visitor})
SET visitor.at = $at
WITH visitor, $graph + ' ' + $source AS reason
CALL (visitor) {
  MATCH (entity:Entity {uri: $source})
  MERGE (visitor)-[fact:LESS_OF {graph: $graph}]->(entity)
  ON CREATE SET fact.at = $at
}
WITH visitor, reason
WHERE NOT EXISTS { (:Entity {uri: $source}) } AND NOT reason IN coalesce(visitor.less_of, [])
SET visitor.less_of = coalesce(visitor.less_of, []) + reason
