"""A report for its readers: what all formats share, and the formats."""
