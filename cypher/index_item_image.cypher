// purpose: The vector index over items' image vectors
// parameters: dimensions (integer)
// mode: write
// internal: true
CREATE VECTOR INDEX item_image IF NOT EXISTS FOR (item:Item) ON item.image_vector
OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, `vector.similarity_function`: 'cosine'}}
