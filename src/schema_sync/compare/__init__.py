"""Catalog against codebase: what the code should hold, which class is which object, and what differs."""
