"""The built-in task http.request."""
