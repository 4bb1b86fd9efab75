// purpose: Some items that a source called so or said something about
// parameters: source (string), size (integer, default 1000)
// returns: uris
// mode: read
// internal: true
MATCH (item:Item)
WHERE $source IN item.item_sources
   OR any(one IN item.given_by WHERE substring(one, size(split(one, ' ')[0]) + 1) = $source)
WITH item
LIMIT $size
RETURN collect(item.uri) AS uris
