// purpose: The names of all constraints and of the full-text index
// returns: name
// mode: read
SHOW INDEXES YIELD name, type, owningConstraint
WHERE owningConstraint IS NOT NULL OR type = 'FULLTEXT'
RETURN name
ORDER BY name
