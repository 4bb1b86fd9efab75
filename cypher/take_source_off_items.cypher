// purpose: Forget what a source said about items; where nobody else calls it an item it is an entity only
//   What only its URI says of an item fills the gaps, as when it was made. Items that had one as a neighbour get the
//   number of this change, for the next build of edges; a build that is at work writes nothing from now on
// parameters: items (list of maps of uri and title and year), source (string)
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.change = state.change + 1
REMOVE state.builder
WITH state
UNWIND $items AS row
MATCH (item:Item&Entity {uri: row.uri})
WITH state, row, item,
     [one IN item.given_by WHERE substring(one, size(split(one, ' ')[0]) + 1) = $source | split(one, ' ')[0]] AS lost,
     [one IN item.item_sources WHERE one <> $source] AS left
SET item.item_sources = left,
    item.given_by = [one IN item.given_by WHERE substring(one, size(split(one, ' ')[0]) + 1) <> $source]
FOREACH (field IN lost | SET item[field] = null)
SET item.title = coalesce(item.title, row.title), item.year = coalesce(item.year, row.year)
WITH state, item, left
WHERE left = []
CALL (state, item) {
  MATCH (neighbour:Item)-[:TEXT_SIMILAR]->(item)
  SET neighbour.text_change = state.change
}
CALL (state, item) {
  MATCH (neighbour:Item)-[:IMAGE_SIMILAR]->(item)
  SET neighbour.image_change = state.change
}
CALL (item) {
  MATCH (item)-[edge:TEXT_SIMILAR|IMAGE_SIMILAR]-(:Item)
  DELETE edge
}
FOREACH (field IN [one IN keys(item) WHERE NOT one IN ['uri', 'name', 'sources', 'build']] | SET item[field] = null)
REMOVE item:Item
