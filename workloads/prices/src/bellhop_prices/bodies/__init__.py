"""The bodies of the prices' tasks."""
