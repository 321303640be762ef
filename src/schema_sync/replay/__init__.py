"""Migration files, applied to an embedded PostgreSQL."""
