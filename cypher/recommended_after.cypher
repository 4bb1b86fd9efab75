// purpose: What was recommended to people after an item that they liked
// about: Where a dialogue says who liked the item (ReDial's questionnaires do), it counts if somebody did; elsewhere
//   it counts if the seeker brought the item up. What the recommender named in a later turn was recommended.
// parameters: uri (string), split (string, default null), limit (integer, default 10)
// returns: uri, title, year, dialogues (how many recommend it after the item),
//   liked (in how many of them somebody said to like it)
// mode: read
MATCH (liked:Entity {uri: $uri})<-[mention:MENTIONS]-(turn:Turn)<-[:HAS_TURN]-(dialogue:Dialogue)
WHERE $split IS NULL OR dialogue.split = $split
WITH liked, dialogue, collect(mention.liked) AS answers, min(turn.index) AS first,
     min(CASE turn.role WHEN 'seeker' THEN turn.index END) AS named
WITH liked, dialogue, CASE WHEN size(answers) = 0 THEN named WHEN true IN answers THEN first END AS since
WHERE since IS NOT NULL
MATCH (dialogue)-[:HAS_TURN]->(later:Turn {role: 'recommender'})-[mention:MENTIONS]->(item:Item)
WHERE later.index > since AND item <> liked
WITH item, dialogue, true IN collect(mention.liked) AS pleased
RETURN item.uri AS uri, item.title AS title, item.year AS year, count(dialogue) AS dialogues,
       count(CASE WHEN pleased THEN 1 END) AS liked
ORDER BY dialogues DESC, liked DESC, uri
LIMIT $limit
