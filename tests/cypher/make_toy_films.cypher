// purpose: Four films, the people behind them, and one edge of every kind, small enough to know by heart
// parameters: text (string), image (string)
// mode: write
CREATE (alien:Item:Entity {uri: 'urn:alien', name: 'Alien (film)', title: 'Alien', year: 1979, sources: ['toy'],
          genres: ['Horror', 'sci-fi'], plot: 'A ship answers a call.', popularity: 3}),
       (aliens:Item:Entity {uri: 'urn:aliens', name: 'Aliens (film)', title: 'Aliens', year: 1986,
          genres: ['action'], popularity: 2}),
       (gladiator:Item:Entity {uri: 'urn:gladiator', name: 'Gladiator (2000 film)', title: 'Gladiator',
          year: 2000, popularity: 2}),
       (amelie:Item:Entity {uri: 'urn:amelie', name: 'Amélie', title: 'Amélie', year: 2001}),
       (scott:Entity {uri: 'urn:scott', name: 'Ridley Scott'}),
       (weaver:Entity {uri: 'urn:weaver', name: 'Sigourney Weaver'}),
       (cameron:Entity {uri: 'urn:cameron', name: 'James Cameron'}),
       (:RelationType {type: 'DIRECTOR', uri: 'urn:p:director'}),
       (:RelationType {type: 'STARRING', uri: 'urn:p:starring'}),
       (:RelationType {type: 'WRITER', uri: 'urn:p:writer'}),
       (alien)-[:DIRECTOR]->(scott),
       (alien)-[:STARRING]->(weaver),
       (gladiator)-[:DIRECTOR]->(scott),
       (aliens)-[:STARRING]->(weaver),
       (aliens)-[:DIRECTOR]->(cameron),
       (aliens)-[:WRITER]->(cameron),
       (alien)-[:CO_MENTIONED {count: 2}]->(aliens),
       (alien)-[:CO_MENTIONED {count: 3}]->(weaver),
       (alien)-[:TEXT_SIMILAR {score: 0.9, rank: 1, encoder: $text}]->(aliens),
       (alien)-[:TEXT_SIMILAR {score: 0.2, rank: 2, encoder: $text}]->(gladiator),
       (aliens)-[:TEXT_SIMILAR {score: 0.9, rank: 1, encoder: $text}]->(alien),
       (alien)-[:IMAGE_SIMILAR {score: 0.5, rank: 1, encoder: $image}]->(gladiator),
       (dialogue:Dialogue {id: 'toy/train/1', source: 'toy', split: 'train'}),
       (dialogue)-[:HAS_TURN]->(asked:Turn {dialogue: 'toy/train/1', index: 0, role: 'seeker', text: 'Like Alien?'}),
       (dialogue)-[:HAS_TURN]->(told:Turn {dialogue: 'toy/train/1', index: 1, role: 'recommender', text: 'Aliens!'}),
       (asked)-[:MENTIONS {position: 1, as: 'entity'}]->(weaver),
       (asked)-[:MENTIONS {position: 0, as: 'item'}]->(alien),
       (told)-[:MENTIONS {position: 0, as: 'item'}]->(aliens)
WITH alien, aliens, gladiator
CALL db.create.setNodeVectorProperty(alien, 'text_vector', [1.0, 0.0])
CALL db.create.setNodeVectorProperty(aliens, 'text_vector', [0.8, 0.6])
CALL db.create.setNodeVectorProperty(gladiator, 'text_vector', [0.0, 1.0])
