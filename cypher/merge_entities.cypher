// purpose: Make the entities that are not there yet
// parameters: entities (list of maps of uri and name), source (string)
// returns: new
// mode: write
// internal: true
UNWIND $entities AS row
OPTIONAL MATCH (known:Entity {uri: row.uri})
WITH row, known IS NULL AS is_new
MERGE (entity:Entity {uri: row.uri})
ON CREATE SET entity.name = row.name, entity.source = $source
RETURN count(CASE WHEN is_new THEN 1 END) AS new
