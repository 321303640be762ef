"""The first hour: ``init`` sets a repository up, ``doctor`` reports what is missing, ``demo`` shows the loop."""
