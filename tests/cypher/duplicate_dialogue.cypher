// purpose: Two dialogues of one id
// mode: write
CREATE (:Dialogue {id: 'd'}), (:Dialogue {id: 'd'})
