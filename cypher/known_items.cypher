// purpose: Which of these URIs are items
// parameters: uris (list of strings)
// returns: uris
// mode: read
// internal: true
MATCH (item:Item&Entity)
WHERE item.uri IN $uris
RETURN collect(item.uri) AS uris
