// purpose: Two registry nodes of one type
// mode: write
CREATE (:RelationType {type: 'T'}), (:RelationType {type: 'T'})
