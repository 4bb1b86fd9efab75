// purpose: Visitors of the app who have said nothing since a moment
// parameters: since (integer, seconds since 1970)
// returns: visitor
// mode: read
// internal: true
MATCH (visitor:Visitor)
WHERE coalesce(visitor.at, 0) < $since
  // A graph of an earlier release has no time of the visitor's own.
  AND NOT EXISTS { (visitor)-[fact:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]->(:Entity) WHERE fact.at >= $since }
RETURN visitor.id AS visitor
ORDER BY visitor
