"""One complete model per file."""
