"""Servers over the network other than PostgreSQL: credentials, HTTP, Supabase's API and MCP server, paged JSON."""
