// purpose: Which of these similarities are wrong, by the vectors themselves, or stand in no edge
// parameters: claims (list of lists of two labels, an edge's type, and the similarity in two digits)
// returns: claim
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (item:Item)
WITH build, item, item.title + CASE WHEN item.year IS NULL THEN '' ELSE ' (' + item.year + ')' END AS label
WITH build, collect([label, item]) AS everyone
UNWIND $claims AS claim
WITH build, claim, [one IN everyone WHERE one[0] = claim[0] | one[1]][0] AS one,
     [one IN everyone WHERE one[0] = claim[1] | one[1]][0] AS other
WITH claim, one, other, CASE claim[2]
       WHEN 'TEXT_SIMILAR' THEN 2 * vector.similarity.cosine(one.text_vector, other.text_vector) - 1
       ELSE 2 * vector.similarity.cosine(one.image_vector, other.image_vector) - 1
     END AS cosine, EXISTS {
       MATCH (one)-[edge]-(other)
       WHERE type(edge) = claim[2] AND edge.build <= build < coalesce(edge.ended, 9223372036854775807)
     } AS stands
WHERE NOT stands OR cosine IS NULL OR abs(cosine - claim[3]) > 0.00501
RETURN claim
