"""Python → queries: which tables, columns, functions and values the calls of Supabase's client mention."""
