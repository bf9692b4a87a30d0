"""Verbs of the command `bellhop` that work on the database, found by the entry points `bellhop.commands`."""
