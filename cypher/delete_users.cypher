// purpose: Delete some users of a source with their interactions
// parameters: source (string), size (integer, default 1000)
// returns: done
// mode: write
// internal: true
MATCH (state:GraphState)
SET state.removals = state.removals + 1
WITH state
MATCH (user:User {source: $source})
WITH user
LIMIT $size
DETACH DELETE user
RETURN count(*) AS done
