// purpose: Let the words of every second dialogue be shown
// mode: write
MATCH (dialogue:Dialogue)
SET dialogue.quotable = toInteger(split(dialogue.id, '/')[-1]) % 2 = 0
