// purpose: How many training dialogues the last build counted for each of these entities, if any
// parameters: uris (list of strings)
// returns: uri, popularity
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (dialogue:Dialogue|RemovedDialogue)
UNWIND coalesce(CASE WHEN dialogue:Dialogue AND dialogue.counted_build > build THEN dialogue.counted_before
                     ELSE dialogue.counted END, []) AS uri
WITH uri
WHERE uri IN $uris
RETURN uri, count(*) AS popularity
