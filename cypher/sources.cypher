// purpose: What each source brought: entities, items, facts, dialogues, and users of an interaction log
// returns: source, entities, items, facts, dialogues, users
// mode: read
CALL () {
  MATCH (entity:Entity)
  UNWIND entity.sources AS source
  RETURN source, 'entities' AS kind, count(*) AS count
  UNION ALL
  MATCH (item:Item)
  UNWIND item.item_sources AS source
  RETURN source, 'items' AS kind, count(*) AS count
  UNION ALL
  MATCH (:Entity)-[fact]->(:Entity)
  UNWIND fact.sources AS source
  RETURN source, 'facts' AS kind, count(*) AS count
  UNION ALL
  MATCH (dialogue:Dialogue)
  RETURN dialogue.source AS source, 'dialogues' AS kind, count(*) AS count
  UNION ALL
  MATCH (user:User)
  RETURN user.source AS source, 'users' AS kind, count(*) AS count
}
WITH source, collect([kind, count]) AS counts
RETURN source,
       reduce(sum = 0, one IN counts | sum + CASE one[0] WHEN 'entities' THEN one[1] ELSE 0 END) AS entities,
       reduce(sum = 0, one IN counts | sum + CASE one[0] WHEN 'items' THEN one[1] ELSE 0 END) AS items,
       reduce(sum = 0, one IN counts | sum + CASE one[0] WHEN 'facts' THEN one[1] ELSE 0 END) AS facts,
       reduce(sum = 0, one IN counts | sum + CASE one[0] WHEN 'dialogues' THEN one[1] ELSE 0 END) AS dialogues,
       reduce(sum = 0, one IN counts | sum + CASE one[0] WHEN 'users' THEN one[1] ELSE 0 END) AS users
ORDER BY source
