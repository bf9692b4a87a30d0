"""The bodies of our tasks, one file a domain."""
