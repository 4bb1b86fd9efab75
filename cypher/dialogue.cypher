// purpose: A whole dialogue, turn by turn, with what each turn mentions
// parameters: id (string)
// returns: turn (from 0), role (seeker or recommender), text,
//   mentions (titles or names of what the turn mentions, in its order)
// mode: read
MATCH (:Dialogue {id: $id})-[:HAS_TURN]->(turn:Turn)
RETURN turn.index AS turn, turn.role AS role, turn.text AS text, COLLECT {
  MATCH (turn)-[mention:MENTIONS]->(entity:Entity)
  RETURN coalesce(entity.title, entity.name) ORDER BY mention.position
} AS mentions
ORDER BY turn
