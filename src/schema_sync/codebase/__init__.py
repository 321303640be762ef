"""The code side: reading declarations from Python files, and editing them where they stand."""
