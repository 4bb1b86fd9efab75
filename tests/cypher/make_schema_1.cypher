// purpose: Two films, their director, an edge of each kind and a dialogue, as the first release wrote them
// mode: write
CREATE (alien:Item:Entity {uri: 'urn:alien', name: 'Alien', title: 'Alien', source: 'films'}),
       (aliens:Item:Entity {uri: 'urn:aliens', name: 'Aliens', title: 'Aliens', source: 'films'}),
       (scott:Entity {uri: 'urn:scott', name: 'Ridley Scott', source: 'dbpedia'}),
       (:RelationType {type: 'DIRECTOR', uri: 'urn:p:director'}),
       (alien)-[:DIRECTOR]->(scott),
       (alien)-[:CO_MENTIONED {count: 1}]->(aliens),
       (alien)-[:TEXT_SIMILAR {score: 0.5, rank: 1, encoder: 'toy'}]->(aliens),
       (alien)-[:IMAGE_SIMILAR {score: 0.5, rank: 1, encoder: 'toy'}]->(aliens),
       (dialogue:Dialogue {id: 'toy/train/1', source: 'toy', split: 'train'}),
       (dialogue)-[:HAS_TURN]->(turn:Turn {dialogue: 'toy/train/1', index: 0, role: 'seeker', text: 'Alien?'}),
       (turn)-[:MENTIONS {position: 0, as: 'item'}]->(alien),
       (turn)-[:MENTIONS {position: 1, as: 'item'}]->(aliens)
