"""The built-in task jobs.export."""
