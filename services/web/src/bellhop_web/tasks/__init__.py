"""Tasks: what can be asked for."""
