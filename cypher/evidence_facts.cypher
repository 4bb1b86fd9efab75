// purpose: The neighbours of these entities by facts and the items behind each, for the ranker
// parameters: uris (list of strings)
// returns: uri, via, is_item (whether the neighbour is an item itself), degree (facts of the neighbour),
//   types (of the facts with the neighbour, each with whether it begins there), items (lists of URI, type, and whether
//   the fact begins at the item; an item stands there once for each fact)
// mode: read
// internal: true
MATCH (relation:RelationType)
WITH collect(relation.type) AS fact_types
UNWIND $uris AS uri
MATCH (named:Entity {uri: uri})-[first]-(via:Entity)
WHERE type(first) IN fact_types AND via <> named
WITH fact_types, uri, named, via, collect([type(first), startNode(first) = via]) AS types
RETURN uri, via.uri AS via, via:Item AS is_item,
       COUNT { (via)-[fact]-(:Entity) WHERE type(fact) IN fact_types } AS degree,
       types,
       COLLECT {
         MATCH (via)-[second]-(item:Item)
         WHERE type(second) IN fact_types AND item <> named AND item <> via
         RETURN [item.uri, type(second), startNode(second) = item]
       } AS items
