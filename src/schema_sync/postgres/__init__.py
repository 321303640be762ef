"""A PostgreSQL database: connections, the catalog queries, and their rows as a Catalog."""
