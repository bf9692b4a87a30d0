"""Mails: what was sent to whom, for operators."""
