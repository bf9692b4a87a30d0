"""The tasks that this installation knows."""
