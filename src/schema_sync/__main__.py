"""Runs the command as ``python -m schema_sync``."""

from schema_sync.entry import main

if __name__ == "__main__":
    main()
