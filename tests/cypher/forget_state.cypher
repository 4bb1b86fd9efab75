// purpose: Take the note on the schema away, as in a graph that was made before there was one
// mode: write
MATCH (state:GraphState)
DELETE state
