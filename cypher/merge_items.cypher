// purpose: Make entities items; what their file said is set, what only their URI says fills the gaps
// parameters: items (list of maps of uri and name and title and year and properties), source (string)
// returns: new
// mode: write
// internal: true
UNWIND $items AS row
OPTIONAL MATCH (known:Item&Entity {uri: row.uri})
WITH row, known IS NULL AS is_new
MERGE (item:Entity {uri: row.uri})
ON CREATE SET item.name = row.name, item.source = $source
SET item:Item,
    item += row.properties,
    item.title = coalesce(row.properties.title, item.title, row.title),
    item.year = coalesce(row.properties.year, item.year, row.year)
RETURN count(CASE WHEN is_new THEN 1 END) AS new
