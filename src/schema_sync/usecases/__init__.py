"""What the commands, the agents' tools and the hooks do: only these modules compose the layers."""
