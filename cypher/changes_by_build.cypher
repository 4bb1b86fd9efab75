// purpose: What came with each build: entities, dialogues, facts and computed edges that readers see now
// about: Computed edges come with a finished build. The others are seen at once and bear the number of the next one.
// parameters: since (integer, default 0)
// returns: build, what (the label or the relationship's type), new (how many are there since)
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
CALL (build) {
  MATCH (entity:Entity)
  WHERE entity.build > $since
  RETURN entity.build AS came, 'Entity' AS what, count(*) AS new
  UNION ALL
  MATCH (dialogue:Dialogue)
  WHERE dialogue.build > $since
  RETURN dialogue.build AS came, 'Dialogue' AS what, count(*) AS new
  UNION ALL
  MATCH ()-[edge]->()
  WHERE edge.build > $since
    AND (NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
         OR edge.build <= build < coalesce(edge.ended, 9223372036854775807))
  RETURN edge.build AS came, type(edge) AS what, count(*) AS new
}
RETURN came AS build, what, new
ORDER BY build DESC, new DESC, what
