// purpose: How a vector index was made
// parameters: name (string)
// returns: dimensions, quantized
// mode: read
SHOW VECTOR INDEXES YIELD name, options
WHERE name = $name
RETURN options.indexConfig['vector.dimensions'] AS dimensions,
       options.indexConfig['vector.quantization.enabled'] AS quantized
