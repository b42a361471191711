"""Libraries from one place to another: rows from catalog to catalog, files from store to store, and both to a copy."""
