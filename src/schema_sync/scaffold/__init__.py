"""What ``init`` puts into a repository: a configuration that fits it, and the scripts."""
