// purpose: Every dialogue with its turns in order, each a list of role, text and mentions,
//   and a mention a list of `item` or `entity` and the URI; with `since`, what came after that build
// parameters: since (integer, default null)
// returns: id, source, split, turns
// mode: read
// internal: true
MATCH (dialogue:Dialogue)
WHERE $since IS NULL OR dialogue.build > $since
CALL (dialogue) {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)
  CALL (turn) {
    MATCH (turn)-[mention:MENTIONS]->(entity:Entity)
    WITH mention, entity
    ORDER BY mention.position, entity.uri
    RETURN collect([mention.as, entity.uri]) AS mentions
  }
  WITH turn, mentions
  ORDER BY turn.index
  RETURN collect([turn.role, turn.text, mentions]) AS turns
}
RETURN dialogue.id AS id, dialogue.source AS source, dialogue.split AS split, turns
