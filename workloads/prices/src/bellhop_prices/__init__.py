"""Prices: games, what they cost, and who wants to be told."""
