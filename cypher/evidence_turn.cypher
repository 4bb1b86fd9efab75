// purpose: A turn of a dialogue that mentions an item, and what was said before it
// about: Words are shown of dialogues that were ingested with --quotable, and of no others.
// parameters: dialogue (string), turn (integer), uri (string)
// returns: dialogue (its id), turn, role (seeker or recommender), uri, title,
//   words (of the newest three turns before; null where they may not be shown)
// mode: read
MATCH (dialogue:Dialogue {id: $dialogue})-[:HAS_TURN]->(turn:Turn {index: $turn})
MATCH (turn)-[:MENTIONS]->(item:Entity {uri: $uri})
RETURN DISTINCT dialogue.id AS dialogue, turn.index AS turn, turn.role AS role, item.uri AS uri,
       coalesce(item.title, item.name) AS title,
       CASE WHEN dialogue.quotable THEN trim(reduce(words = '', text IN COLLECT {
         MATCH (dialogue)-[:HAS_TURN]->(before:Turn)
         WHERE $turn - 3 <= before.index < $turn
         RETURN before.text ORDER BY before.index
       } | words + ' ' + text)) END AS words
