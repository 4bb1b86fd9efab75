// purpose: Items by genre and years, the most popular first
// about: The genre in any case, the years included; each may be left out.
// parameters: genre (string, default null), from_year (integer, default null), to_year (integer, default null),
//   limit (integer, default 10)
// returns: uri, title, year, genres, popularity (training dialogues that mention it)
// mode: read
MATCH (item:Item)
WHERE ($genre IS NULL OR any(genre IN item.genres WHERE toLower(genre) = toLower($genre)))
  AND ($from_year IS NULL OR item.year >= $from_year)
  AND ($to_year IS NULL OR item.year <= $to_year)
RETURN item.uri AS uri, item.title AS title, item.year AS year, item.genres AS genres,
       item.popularity AS popularity
ORDER BY coalesce(popularity, 0) DESC, uri
LIMIT $limit
