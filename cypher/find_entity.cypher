// purpose: Entities by the words of a name or title, misspelt ones too, the best match first
// about: The text may be anything: whatever means something to Lucene is taken out of the text, so that nothing in it
//   is syntax. A word of four letters may have one wrong, one of eight two; a word written right counts more.
// parameters: text (string), limit (integer, default 10)
// returns: uri, name, title, year, is_item,
//   score (compares the rows of one answer and nothing else)
// mode: read
WITH reduce(plain = toLower($text), mark IN split('+ - & | ! ( ) { } [ ] ^ " ~ * ? : \\ / < > = , ;', ' ') |
       replace(plain, mark, ' ')) AS plain
WITH [word IN split(plain, ' ') WHERE word =~ '.*[\\p{L}\\p{N}].*'][..20] AS words
WITH [word IN words | CASE
       WHEN size(word) < 4 THEN word
       WHEN size(word) < 8 THEN word + '^2 ' + word + '~1'
       ELSE word + '^2 ' + word + '~2'
     END] AS terms
WHERE size(terms) > 0
CALL db.index.fulltext.queryNodes(
  'entity_names', reduce(search = '', term IN terms | search + ' ' + term), {limit: $limit}
) YIELD node, score
RETURN node.uri AS uri, node.name AS name, node.title AS title, node.year AS year, node:Item AS is_item, score
ORDER BY score DESC, uri
