// purpose: The neighbours of these entities by facts and the items behind each, for the ranker
// parameters: uris (list of strings), facts (list of relationship types)
// returns: uri, via, is_item (whether the neighbour is an item itself), degree (facts of the neighbour),
//   types (of the facts with the neighbour, each with whether it begins there), items (lists of URI, type, and whether
//   the fact begins at the item; an item stands there once for each fact)
// mode: read
// internal: true
UNWIND $uris AS uri
MATCH (named:Entity {uri: uri})-[first]-(via:Entity)
WHERE type(first) IN $facts AND via <> named
WITH uri, named, via, collect([type(first), startNode(first) = via]) AS types
RETURN uri, via.uri AS via, via:Item AS is_item, types,
       COUNT { (via)-[fact]-(:Entity) WHERE type(fact) IN $facts } AS degree,
       COLLECT {
         MATCH (via)-[second]-(item:Item)
         WHERE type(second) IN $facts AND item <> named AND item <> via
         RETURN [item.uri, type(second), startNode(second) = item]
       } AS items
