// purpose: Drop an index, if there is one of that name
// parameters: name (string)
// mode: write
// internal: true
DROP INDEX $name IF EXISTS
