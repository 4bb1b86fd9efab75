// purpose: Which of these dialogues the graph has, with their mentions: turn, position, as, URI
// parameters: ids (list of strings)
// returns: id, mentions
// mode: read
// internal: true
UNWIND $ids AS id
MATCH (dialogue:Dialogue {id: id})
RETURN id, COLLECT {
  MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)-[mention:MENTIONS]->(entity:Entity)
  RETURN [turn.index, mention.position, mention.as, entity.uri]
} AS mentions
