// purpose: Take back that a visitor of the app wants less of a reason
// parameters: visitor (string), graph (string), source (string)
// mode: write
// internal: true
MATCH (visitor:Visitor {id: $visitor})
SET visitor.less_of = [reason IN visitor.less_of WHERE reason <> $graph + ' ' + $source]
WITH visitor
MATCH (visitor)-[fact:LESS_OF {graph: $graph}]->(:Entity {uri: $source})
DELETE fact
