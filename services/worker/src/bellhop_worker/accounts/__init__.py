"""The built-in task accounts.tidy."""
