"""The doors to a schema: each source gives the same Catalog, and says what it cannot see."""
