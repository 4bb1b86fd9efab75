// purpose: The dialogues whose mentions or split changed after one change: what they mention if they are for training,
//   and what of them the last build had counted. One that is gone mentions nothing
// parameters: after (integer)
// returns: dialogue, mentions, counted
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (dialogue:Dialogue)
WHERE dialogue.change > $after
RETURN dialogue.id AS dialogue,
       COLLECT {
         MATCH (dialogue)-[:HAS_TURN]->(:Turn)-[:MENTIONS]->(entity:Entity)
         WHERE dialogue.split = 'train'
         RETURN DISTINCT entity.uri
       } AS mentions,
       coalesce(CASE WHEN dialogue.counted_build > build THEN dialogue.counted_before
                     ELSE dialogue.counted END, []) AS counted
UNION ALL
MATCH (gone:RemovedDialogue)
WHERE gone.change > $after
RETURN null AS dialogue, [] AS mentions, gone.counted AS counted
