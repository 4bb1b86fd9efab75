// purpose: One node per turn of a dialogue
// mode: write
// internal: true
CREATE CONSTRAINT turn_place IF NOT EXISTS FOR (turn:Turn) REQUIRE (turn.dialogue, turn.index) IS UNIQUE
