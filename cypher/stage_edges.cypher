// purpose: Write edges of one type for the build to come, beside those that readers see now: some edges are to
//   end with it, others to begin. Nothing is written, and `staged` is false, when another build has taken over
// parameters: builder (string), type (a type of computed edges),
//   rows (list of maps with uri, ended: a list of URIs, and edges: a list of maps with uri and properties)
// returns: staged
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.dirty = true // takes the lock, so that the builder is the one of now
WITH state, state.builder = $builder AS staged
CALL (state, staged) {
  WITH state WHERE staged
  UNWIND $rows AS row
  MATCH (source:Entity {uri: row.uri})
  CALL (state, source, row) {
    MATCH (source)-[old:$($type)]->(target:Entity)
    WHERE old.ended IS NULL AND target.uri IN row.ended
    SET old.ended = state.build + 1
  }
  UNWIND row.edges AS edge
  MATCH (target:Entity {uri: edge.uri})
  CREATE (source)-[new:$($type)]->(target)
  SET new = edge.properties, new.build = state.build + 1
}
RETURN staged
