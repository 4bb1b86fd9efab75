// purpose: Two entities of one URI
// mode: write
CREATE (:Entity {uri: 'u'}), (:Entity {uri: 'u'})
