"""What PostgreSQL's types and names are in Python, and back."""
