"""Counts of ended jobs for each minute, hour and day: how they are made of the ledger, and how they are read."""
