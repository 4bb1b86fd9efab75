// purpose: Drop a constraint, and the index that stands behind it
// parameters: name (string)
// mode: write
// internal: true
DROP CONSTRAINT $name IF EXISTS
