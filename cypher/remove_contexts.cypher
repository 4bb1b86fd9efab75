// purpose: Take the vectors of what was said before them off turns
// parameters: turns (list of lists of dialogue and index)
// mode: write
// internal: true
UNWIND $turns AS place
MATCH (turn:Turn {dialogue: place[0], index: place[1]})
REMOVE turn.context_vector, turn.recent_vector, turn.context_hash
