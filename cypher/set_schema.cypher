// purpose: Note the version of the schema that the graph has now
// parameters: schema (integer)
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.schema = $schema
