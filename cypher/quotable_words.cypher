// purpose: What was said before these turns, the newest three turns, of dialogues whose words may be shown
// parameters: turns (list of lists of a dialogue's id and a turn's index)
// returns: dialogue, turn, words
// mode: read
// internal: true
UNWIND $turns AS asked
MATCH (dialogue:Dialogue {id: asked[0], quotable: true})
RETURN dialogue.id AS dialogue, asked[1] AS turn, trim(reduce(words = '', text IN COLLECT {
  MATCH (dialogue)-[:HAS_TURN]->(before:Turn)
  WHERE asked[1] - 3 <= before.index < asked[1]
  RETURN before.text ORDER BY before.index
} | words + ' ' + text)) AS words
