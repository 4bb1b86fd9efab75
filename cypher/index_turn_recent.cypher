// purpose: The vector index over what was said last before the turns of training dialogues
//   Not quantized, as turn_context
// parameters: dimensions (integer)
// mode: write
// internal: true
CREATE VECTOR INDEX turn_recent IF NOT EXISTS FOR (turn:Turn) ON turn.recent_vector
OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, `vector.similarity_function`: 'cosine',
                       `vector.quantization.enabled`: false}}
