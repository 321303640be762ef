"""What is configured, what can be reached, what is missing and the next step for each."""
