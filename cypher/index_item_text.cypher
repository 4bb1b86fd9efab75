// purpose: The vector index over items' text vectors
// parameters: dimensions (integer)
// mode: write
// internal: true
CREATE VECTOR INDEX item_text IF NOT EXISTS FOR (item:Item) ON item.text_vector
OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, `vector.similarity_function`: 'cosine'}}
