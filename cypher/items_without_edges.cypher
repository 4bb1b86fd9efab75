// purpose: How many items no edge of one type touches
// parameters: type (CO_MENTIONED or TEXT_SIMILAR or IMAGE_SIMILAR)
// returns: items
// mode: read
// internal: true
MATCH (item:Item)
WHERE NOT EXISTS { (item)-[:$($type)]-() }
RETURN count(item) AS items
