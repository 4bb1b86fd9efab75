// purpose: The popularity of these items, of those where none has been counted, or of all; null where none has been
// parameters: uris (list of strings, default null)
// returns: uri, popularity
// mode: read
// internal: true
MATCH (item:Item)
WHERE $uris IS NULL OR item.popularity IS NULL OR item.uri IN $uris
RETURN item.uri AS uri, item.popularity AS popularity
