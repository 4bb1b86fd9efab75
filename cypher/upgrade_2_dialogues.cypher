// purpose: Schema 1 to 2: dialogues get the number of their build; no build has counted them yet
// parameters: size (integer, default 10000)
// returns: done
// mode: write
// internal: true
MATCH (dialogue:Dialogue)
WHERE dialogue.build IS NULL
WITH dialogue
LIMIT $size
SET dialogue.build = 0, dialogue.change = 0
RETURN count(dialogue) AS done
