"""Polls: questions that people vote on until a date, at which they close themselves."""
