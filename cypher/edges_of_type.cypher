// purpose: All edges of one type that Tellgraph computes, by source
// parameters: type (CO_MENTIONED or TEXT_SIMILAR or IMAGE_SIMILAR)
// returns: uri, edges
// mode: read
// internal: true
MATCH (source:Entity)-[edge:$($type)]->(target:Entity)
RETURN source.uri AS uri, collect({uri: target.uri, properties: properties(edge)}) AS edges
