// purpose: Items by the words of a text, by its meaning and by the graph at once, in reciprocal rank fusion
// about: Each of three lists gives its items 1 / (60 + rank): names and titles with the words of the text,
//   descriptions near the vector, and the items most tied, by facts and co-mentions, to the first ten of these two
//   lists. The command line makes the vector of the text itself.
// parameters: text (string), vector (vector of a text), limit (integer, default 10)
// returns: uri, title, year, score (the sum), words_rank (null where a list does not hold the item), meaning_rank,
//   graph_rank
// mode: read
MATCH (state:GraphState)
WITH state.build AS build
WITH build, reduce(plain = toLower($text), mark IN split('+ - & | ! ( ) { } [ ] ^ " ~ * ? : \\ / < > = , ;', ' ') |
       replace(plain, mark, ' ')) AS plain
WITH build, [word IN split(plain, ' ') WHERE word =~ '.*[\\p{L}\\p{N}].*'][..20] AS words
CALL (words) {
  WITH words
  WHERE size(words) > 0
  CALL db.index.fulltext.queryNodes(
    'entity_names', reduce(search = '', word IN words | search + ' ' + word), {limit: 50}
  ) YIELD node, score
  WITH node, score
  ORDER BY score DESC, node.uri
  RETURN collect(node) AS named
}
CALL () {
  CALL db.index.vector.queryNodes('item_text', 50, $vector) YIELD node, score
  WITH node, score
  ORDER BY score DESC, node.uri
  RETURN collect(node) AS near
}
CALL (build, named, near) {
  UNWIND named[..10] + near[..10] AS seed
  MATCH (seed)-[edge]-(item:Item)
  WHERE NOT type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED', 'TEXT_SIMILAR', 'IMAGE_SIMILAR']
     OR type(edge) IN ['CO_MENTIONED', 'CO_INTERACTED']
        AND edge.build <= build < coalesce(edge.ended, 9223372036854775807)
  WITH item, count(DISTINCT seed) AS ties
  ORDER BY ties DESC, item.uri
  LIMIT 50
  RETURN collect(item) AS tied
}
UNWIND [{list: 'words', items: [node IN named WHERE node:Item]}, {list: 'meaning', items: near},
        {list: 'graph', items: tied}] AS found
UNWIND range(0, size(found.items) - 1) AS place
WITH found.list AS list, found.items[place] AS item, place + 1 AS rank
WHERE item IS NOT NULL // range(0, -1) is [0] in some releases
WITH item, sum(1.0 / (60 + rank)) AS score, collect({list: list, rank: rank}) AS ranks
ORDER BY score DESC, item.uri
LIMIT $limit
RETURN item.uri AS uri, item.title AS title, item.year AS year, score,
       [one IN ranks WHERE one.list = 'words' | one.rank][0] AS words_rank,
       [one IN ranks WHERE one.list = 'meaning' | one.rank][0] AS meaning_rank,
       [one IN ranks WHERE one.list = 'graph' | one.rank][0] AS graph_rank
ORDER BY score DESC, uri
