"""Every Cypher statement of the project, one per file; `graphstore.queries` reads them."""
