"""Accounts: signing up and in, sessions, passwords and tokens. The API and the pages call the same verbs."""
