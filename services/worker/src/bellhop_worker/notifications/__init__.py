"""The built-in task notifications.send."""
