"""The bodies of the products' tasks."""
