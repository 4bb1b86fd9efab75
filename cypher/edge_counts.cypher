// purpose: How many computed edges of each type there are, and how many items none of them touches; for the end of a
//   build, when there are none but those that readers see
// returns: type, edges, without
// mode: read
// internal: true
MATCH (item:Item)
WITH count(item) AS items,
     count(CASE WHEN EXISTS { (item)-[:CO_MENTIONED]-() } THEN 1 END) AS co_mentioned,
     count(CASE WHEN EXISTS { (item)-[:CO_INTERACTED]-() } THEN 1 END) AS co_interacted,
     count(CASE WHEN EXISTS { (item)-[:TEXT_SIMILAR]-() } THEN 1 END) AS text_similar,
     count(CASE WHEN EXISTS { (item)-[:IMAGE_SIMILAR]-() } THEN 1 END) AS image_similar
UNWIND [
  ['CO_MENTIONED', COUNT { ()-[:CO_MENTIONED]->() }, co_mentioned],
  ['CO_INTERACTED', COUNT { ()-[:CO_INTERACTED]->() }, co_interacted],
  ['TEXT_SIMILAR', COUNT { ()-[:TEXT_SIMILAR]->() }, text_similar],
  ['IMAGE_SIMILAR', COUNT { ()-[:IMAGE_SIMILAR]->() }, image_similar]
] AS row
RETURN row[0] AS type, row[1] AS edges, items - row[2] AS without
