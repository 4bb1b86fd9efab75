// purpose: How much each build first showed: entities, dialogues, facts and computed edges
// parameters: since (integer, default 0)
// returns: build, what (the label or the relationship's type), new (how many are there since)
// mode: read
CALL () {
  MATCH (entity:Entity)
  WHERE entity.build > $since
  RETURN entity.build AS build, 'Entity' AS what, count(*) AS new
  UNION ALL
  MATCH (dialogue:Dialogue)
  WHERE dialogue.build > $since
  RETURN dialogue.build AS build, 'Dialogue' AS what, count(*) AS new
  UNION ALL
  MATCH ()-[edge]->()
  WHERE edge.build > $since
  RETURN edge.build AS build, type(edge) AS what, count(*) AS new
}
RETURN build, what, new
ORDER BY build DESC, new DESC, what
