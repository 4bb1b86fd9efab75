// purpose: The items at the end of two named relations: STARRING, then STARRING, gives films with a common actor
// about: Either relation may be a fact's or a computed one (CO_MENTIONED, TEXT_SIMILAR, …) and is gone in both
//   directions.
// parameters: uri (string), first (string), second (string), limit (integer, default 20)
// returns: uri, title, year, ways (how many), via (names of the stops between)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
MATCH (start:Entity {uri: $uri})-[one]-(stop:Entity)
WHERE type(one) = $first
  AND (NOT $first IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
       OR one.build <= build < coalesce(one.ended, 9223372036854775807))
WITH DISTINCT build, start, stop
MATCH (stop)-[two]-(item:Item)
WHERE type(two) = $second AND item <> start
  AND (NOT $second IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
       OR two.build <= build < coalesce(two.ended, 9223372036854775807))
WITH item, collect(DISTINCT coalesce(stop.title, stop.name, stop.uri)) AS stops
RETURN item.uri AS uri, item.title AS title, item.year AS year, size(stops) AS ways,
       COLLECT { UNWIND stops AS stop RETURN stop ORDER BY stop } AS via
ORDER BY ways DESC, uri
LIMIT $limit
