// purpose: The descriptions that a language model wrote
// about: As `tellgraph describe` left them. One may be out of date: what the item says may have changed since.
// parameters: limit (integer, default 20)
// returns: uri, title, model (that wrote it), description
// mode: read
MATCH (item:Item)
WHERE item.generated_description IS NOT NULL
RETURN item.uri AS uri, item.title AS title, item.generated_by AS model, item.generated_description AS description
ORDER BY uri
LIMIT $limit
