"""Schema Sync keeps hand-written Python row and enum classes true to a Supabase (PostgreSQL) schema."""

__version__ = "0.1.0"
