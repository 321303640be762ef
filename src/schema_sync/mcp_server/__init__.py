"""Schema Sync for agents: tools and resources over the Model Context Protocol. Needs the extra ``mcp``."""
