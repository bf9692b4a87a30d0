"""Fetches: many slow URLs at once."""
