"""Bulk actions: jobs that a query has found are retried or cancelled together, a moment later, so it can be undone."""
