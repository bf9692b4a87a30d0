"""Runs the whole of Bellhop on one machine without Docker."""
