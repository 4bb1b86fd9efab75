// purpose: Which of these interactions the graph has; one is a list of user, URI and seconds since 1970
// parameters: interactions (list of lists), prefix (string, of the ids of the source's users)
// returns: user, item, time
// mode: read
// internal: true
UNWIND $interactions AS row
MATCH (:User {id: $prefix + row[0]})-[:INTERACTED {time: row[2]}]->(:Item&Entity {uri: row[1]})
RETURN DISTINCT row[0] AS user, row[1] AS item, row[2] AS time
