"""Accounts: users, their tokens and their passwords."""
