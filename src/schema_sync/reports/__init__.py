"""A Report as text: one file per format; nothing here decides anything."""
