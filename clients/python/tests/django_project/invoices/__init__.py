"""Invoices: the rest of it is in docs/frameworks.md."""
