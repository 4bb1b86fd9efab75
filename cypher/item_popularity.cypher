// purpose: The popularity of every item, null where none has been counted
// returns: uri, popularity
// mode: read
// internal: true
MATCH (item:Item)
RETURN item.uri AS uri, item.popularity AS popularity
