// purpose: Entities that a name may become while it is typed, the best match first
// about: As find_entity, and the last word may be the beginning of one. Names that begin with the text come first, then
//   the better match, then what has more connections.
// parameters: text (string), limit (integer, default 8)
// returns: uri, name, title, year, is_item
// mode: read
WITH reduce(plain = toLower($text), mark IN split('+ - & | ! ( ) { } [ ] ^ " ~ * ? : \\ / < > = , ;', ' ') |
       replace(plain, mark, ' ')) AS plain
WITH trim(plain) AS plain, [word IN split(plain, ' ') WHERE word =~ '.*[\\p{L}\\p{N}].*'][..20] AS words
WHERE size(words) > 0
WITH plain, [word IN words | CASE
       WHEN size(word) < 4 THEN word
       WHEN size(word) < 8 THEN word + '^2 ' + word + '~1'
       ELSE word + '^2 ' + word + '~2'
     END] + [words[-1] + '*'] AS terms
CALL db.index.fulltext.queryNodes(
  'entity_names', reduce(search = '', term IN terms | search + ' ' + term), {limit: 200}
) YIELD node, score
WITH node, score, toLower(coalesce(node.title, node.name, '')) STARTS WITH plain AS begins
ORDER BY begins DESC, score DESC,
         COUNT { (node)--() } - COUNT { (node)<-[:LIKED|DISLIKED|SEEN|MORE_LIKE|LESS_OF]-() } DESC, node.uri
LIMIT $limit
RETURN node.uri AS uri, node.name AS name, node.title AS title, node.year AS year, node:Item AS is_item
