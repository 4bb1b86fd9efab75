// purpose: The items that nothing is known of: no fact, no computed edge, whatever dialogues may say
// parameters: limit (integer, default 20)
// returns: uri, title, year, mentions (in turns of dialogues)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (item:Item)
WHERE NOT EXISTS {
  MATCH (item)-[edge]-(:Entity)
  WHERE NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
     OR edge.build <= build < coalesce(edge.ended, 9223372036854775807)
}
RETURN item.uri AS uri, item.title AS title, item.year AS year, COUNT { (item)<-[:MENTIONS]-() } AS mentions
ORDER BY mentions DESC, uri
LIMIT $limit
