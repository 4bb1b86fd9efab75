// purpose: Take back what a visitor of the app said of an item
// parameters: visitor (string), kind (LIKED, DISLIKED, SEEN or MORE_LIKE), uri (string)
// mode: write
// internal: true
MATCH (:Visitor {id: $visitor})-[fact:$($kind)]->(:Entity {uri: $uri})
DELETE fact
