// purpose: Four films, the people behind them, and one edge of every kind, small enough to know by heart
//   Build 2 is the last; what ended with it or waits for build 3 must not be seen.
// parameters: text (string), image (string)
// mode: write
MERGE (state:GraphState {key: 'tellgraph'})
SET state.schema = 2, state.build = 2, state.removals = 0, state.change = 0
CREATE (alien:Item:Entity {uri: 'urn:alien', name: 'Alien (film)', title: 'Alien', year: 1979, sources: ['toy'],
          genres: ['Horror', 'sci-fi'], plot: 'A ship answers a call.', popularity: 3, build: 1}),
       (aliens:Item:Entity {uri: 'urn:aliens', name: 'Aliens (film)', title: 'Aliens', year: 1986,
          genres: ['action'], popularity: 2, build: 1}),
       (gladiator:Item:Entity {uri: 'urn:gladiator', name: 'Gladiator (2000 film)', title: 'Gladiator',
          year: 2000, popularity: 2, build: 1}),
       (amelie:Item:Entity {uri: 'urn:amelie', name: 'Amélie', title: 'Amélie', year: 2001, build: 2}),
       (scott:Entity {uri: 'urn:scott', name: 'Ridley Scott', build: 1}),
       (weaver:Entity {uri: 'urn:weaver', name: 'Sigourney Weaver', build: 1}),
       (cameron:Entity {uri: 'urn:cameron', name: 'James Cameron', build: 2}),
       (:RelationType {type: 'DIRECTOR', uri: 'urn:p:director'}),
       (:RelationType {type: 'STARRING', uri: 'urn:p:starring'}),
       (:RelationType {type: 'WRITER', uri: 'urn:p:writer'}),
       (alien)-[:DIRECTOR {build: 1}]->(scott),
       (alien)-[:STARRING {build: 1}]->(weaver),
       (gladiator)-[:DIRECTOR {build: 1}]->(scott),
       (aliens)-[:STARRING {build: 1}]->(weaver),
       (aliens)-[:DIRECTOR {build: 2}]->(cameron),
       (aliens)-[:WRITER {build: 3}]->(cameron),
       (alien)-[:CO_MENTIONED {count: 2, build: 2}]->(aliens),
       (alien)-[:CO_MENTIONED {count: 3, build: 2}]->(weaver),
       (alien)-[:CO_MENTIONED {count: 9, build: 1, ended: 2}]->(gladiator),
       (alien)-[:CO_MENTIONED {count: 9, build: 3}]->(cameron),
       (alien)-[:CO_INTERACTED {count: 2, weight: 0.5, build: 2}]->(gladiator),
       (alien)-[:CO_INTERACTED {count: 9, weight: 9.0, build: 3}]->(aliens),
       (alien)-[:TEXT_SIMILAR {score: 0.9, rank: 1, encoder: $text, build: 2}]->(aliens),
       (alien)-[:TEXT_SIMILAR {score: 0.2, rank: 2, encoder: $text, build: 2}]->(gladiator),
       (aliens)-[:TEXT_SIMILAR {score: 0.9, rank: 1, encoder: $text, build: 2}]->(alien),
       (alien)-[:TEXT_SIMILAR {score: 0.8, rank: 1, encoder: $text, build: 1, ended: 2}]->(aliens),
       (alien)-[:IMAGE_SIMILAR {score: 0.5, rank: 1, encoder: $image, build: 2, ended: 3}]->(gladiator),
       (alien)-[:IMAGE_SIMILAR {score: 0.6, rank: 1, encoder: $image, build: 3}]->(aliens),
       (fan:User {id: 'toy/fan', source: 'toy'}),
       (fan)-[:INTERACTED {time: 1000000000}]->(alien),
       (fan)-[:INTERACTED]->(gladiator),
       (first:Dialogue {id: 'toy/train/1', source: 'toy', split: 'train', quotable: true, build: 2}),
       (first)-[:HAS_TURN]->(asked:Turn {dialogue: 'toy/train/1', index: 0, role: 'seeker', text: 'Like Alien?'}),
       (first)-[:HAS_TURN]->(told:Turn {dialogue: 'toy/train/1', index: 1, role: 'recommender', text: 'Aliens!'}),
       (asked)-[:MENTIONS {position: 1, as: 'entity'}]->(weaver),
       (asked)-[:MENTIONS {position: 0, as: 'item', liked: true}]->(alien),
       (told)-[:MENTIONS {position: 0, as: 'item', liked: true}]->(aliens),
       (second:Dialogue {id: 'toy/train/2', source: 'toy', split: 'train', build: 2}),
       (second)-[:HAS_TURN]->(again:Turn {dialogue: 'toy/train/2', index: 0, role: 'seeker', text: 'I saw Alien.'}),
       (second)-[:HAS_TURN]->(next:Turn {dialogue: 'toy/train/2', index: 1, role: 'recommender', text: 'Gladiator?'}),
       (again)-[:MENTIONS {position: 0, as: 'item'}]->(alien),
       (next)-[:MENTIONS {position: 0, as: 'item'}]->(gladiator),
       (third:Dialogue {id: 'toy/valid/1', source: 'toy', split: 'valid', build: 2}),
       (third)-[:HAS_TURN]->(bored:Turn {dialogue: 'toy/valid/1', index: 0, role: 'seeker', text: 'Not Alien.'}),
       (third)-[:HAS_TURN]->(tried:Turn {dialogue: 'toy/valid/1', index: 1, role: 'recommender', text: 'Gladiator!'}),
       (bored)-[:MENTIONS {position: 0, as: 'item', liked: false}]->(alien),
       (tried)-[:MENTIONS {position: 0, as: 'item', liked: true}]->(gladiator)
WITH alien, aliens, gladiator, told, next
CALL db.create.setNodeVectorProperty(alien, 'text_vector', [1.0, 0.0])
CALL db.create.setNodeVectorProperty(aliens, 'text_vector', [0.8, 0.6])
CALL db.create.setNodeVectorProperty(gladiator, 'text_vector', [0.0, 1.0])
CALL db.create.setNodeVectorProperty(told, 'context_vector', [0.6, 0.8])
CALL db.create.setNodeVectorProperty(told, 'recent_vector', [0.8, 0.6])
CALL db.create.setNodeVectorProperty(next, 'context_vector', [1.0, 0.0])
CALL db.create.setNodeVectorProperty(next, 'recent_vector', [0.0, 1.0])
SET told.context_hash = $text + ' 4', next.context_hash = $text + ' 5'
SET alien.text_hash = $text + ' 1', aliens.text_hash = $text + ' 2', gladiator.text_hash = $text + ' 3'
SET gladiator.generated_description = 'A general who became a slave seeks revenge.',
    gladiator.generated_by = 'some-model', gladiator.generated_from = 'a checksum'
