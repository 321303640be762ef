"""Runs the command as ``python -m schema_sync``."""

from schema_sync.cli import main

if __name__ == "__main__":
    main()
