"""Catalog and details → documents, diagrams and figures. Nothing here reads or writes a file."""
