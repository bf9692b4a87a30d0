"""The built-in task mail.send."""
