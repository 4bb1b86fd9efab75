// purpose: The items whose vector is another since a change, or gone, and which items readers see them listed by
// parameters: type (TEXT_SIMILAR or IMAGE_SIMILAR), change (name of the change's property), after (integer)
// returns: uri, listed_by
// mode: read
// internal: true
MATCH (state:GraphState)
WITH state.build AS build
MATCH (item:Item)
WHERE item[$change] > $after
RETURN item.uri AS uri, COLLECT {
  MATCH (source:Item)-[edge:$($type)]->(item)
  WHERE edge.build <= build < coalesce(edge.ended, 9223372036854775807)
  RETURN source.uri
} AS listed_by
