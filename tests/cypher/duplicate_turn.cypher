// purpose: Two turns of one place
// mode: write
CREATE (:Turn {dialogue: 'd', index: 0}), (:Turn {dialogue: 'd', index: 0})
