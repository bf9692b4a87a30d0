"""Gunicorn's worker of our own: only whole requests take a thread."""
