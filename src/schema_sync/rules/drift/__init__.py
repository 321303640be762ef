"""Catalog against code."""
