"""Where a schema is read: each source gives the same Catalog, and reports what it cannot see."""
