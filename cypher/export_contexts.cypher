// purpose: The vectors of what was said before turns of training dialogues, and the hashes that open with their
//   encoder's name, in lists of up to `size`
//   A dialogue may have been moved to another split since they were made: what is for evaluation stays out
// parameters: size (integer, default 1000)
// returns: dialogues, turns, wholes, recents (null where nothing was said last), hashes
// mode: read
// internal: true
MATCH (dialogue:Dialogue)
WHERE dialogue.split = 'train'
MATCH (dialogue)-[:HAS_TURN]->(turn:Turn)
WHERE turn.context_vector IS NOT NULL
WITH collect(turn) AS turns
WHERE size(turns) > 0 // range(0, -1, n) is [0] and not empty in Neo4j 5.26
UNWIND range(0, size(turns) - 1, $size) AS start
WITH turns[start..start + $size] AS part
RETURN [turn IN part | turn.dialogue] AS dialogues,
       [turn IN part | turn.index] AS turns,
       [turn IN part | turn.context_vector] AS wholes,
       [turn IN part | turn.recent_vector] AS recents,
       [turn IN part | turn.context_hash] AS hashes
