// purpose: Make entities items; what their file said is set, what only their URI says fills the gaps
//   item_sources are those who call it an item; given_by tells of each property who gave it: `plot item_info`
// parameters: items (list of maps of uri and name and title and year and properties), source (string)
// returns: new
// mode: write
// internal: true
MATCH (state:GraphState)
UNWIND $items AS row
OPTIONAL MATCH (known:Item&Entity {uri: row.uri})
WITH state, row, known IS NULL AS is_new, keys(row.properties) AS given
MERGE (item:Entity {uri: row.uri})
ON CREATE SET item.name = row.name, item.sources = [], item.build = state.build + 1
SET item:Item,
    item += row.properties,
    item.title = coalesce(row.properties.title, item.title, row.title),
    item.year = coalesce(row.properties.year, item.year, row.year),
    item.sources = [one IN item.sources WHERE one <> $source] + $source,
    item.item_sources = [one IN coalesce(item.item_sources, []) WHERE one <> $source] + $source,
    item.given_by = [one IN coalesce(item.given_by, []) WHERE NOT split(one, ' ')[0] IN given]
      + [field IN given | field + ' ' + $source]
RETURN count(CASE WHEN is_new THEN 1 END) AS new
