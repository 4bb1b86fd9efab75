// purpose: Which of these facts, told by labels, do not stand in the graph
// parameters: claims (list of lists of subject, type and object)
// returns: claim
// mode: read
// internal: true
MATCH (entity:Entity)
WITH entity, coalesce(entity.title, entity.name) + CASE WHEN entity.year IS NULL THEN '' ELSE ' (' + entity.year + ')' END AS label
WITH collect([label, entity]) AS everyone
UNWIND $claims AS claim
WITH claim, [one IN everyone WHERE one[0] = claim[0] | one[1]] AS subjects,
     [one IN everyone WHERE one[0] = claim[2] | one[1]] AS objects
WHERE NOT EXISTS { MATCH (s)-[fact]->(o) WHERE s IN subjects AND o IN objects AND type(fact) = claim[1] }
RETURN claim
