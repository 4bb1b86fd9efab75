// purpose: Write what a visitor of the app says of an item, once; visitors are made as they come
//   An item that is not in the graph leaves no trace
// parameters: visitor (string), kind (LIKED, DISLIKED, SEEN or MORE_LIKE), uri (string), at (seconds since 1970)
// mode: write
// internal: true
MATCH (item:Item&Entity {uri: $uri})
MERGE (visitor:Visitor {id: $visitor})
SET visitor.at = $at
MERGE (visitor)-[fact:$($kind)]->(item)
ON CREATE SET fact.at = $at
