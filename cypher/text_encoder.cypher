// purpose: The hash on one of the text vectors, which opens with the name of their encoder; no row without vectors
// returns: hash
// mode: read
// internal: true
MATCH (item:Item)
WHERE item.text_hash IS NOT NULL
RETURN item.text_hash AS hash
LIMIT 1
