"""A Report as text: a file per format, found by a scan of this folder; nothing here decides anything."""
