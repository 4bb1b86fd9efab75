// purpose: The dimensions of a vector index; no row when there is none of that name
// parameters: name (string)
// returns: dimensions
// mode: read
// internal: true
SHOW VECTOR INDEXES YIELD name, options
WHERE name = $name
RETURN options.indexConfig['vector.dimensions'] AS dimensions
