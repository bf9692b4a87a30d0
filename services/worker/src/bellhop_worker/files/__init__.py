"""The built-in task files.prune."""
