// purpose: Write who used or bought which item and when; users are made as they come
//   an interaction is a list of user, URI and seconds since 1970, 0 for an unknown time
// parameters: interactions (list of lists), source (string), prefix (string, of the ids of its users)
// mode: write
// internal: true
UNWIND $interactions AS row
MATCH (item:Item&Entity {uri: row[1]})
MERGE (user:User {id: $prefix + row[0]})
ON CREATE SET user.source = $source
MERGE (user)-[:INTERACTED {time: row[2]}]->(item)
