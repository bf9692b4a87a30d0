"""Polls as the web knows them: what people ask for, what is done with it, and how it reads."""
