"""Benchmarks: Bellhop beside plain Celery, measured in one run on the same two servers."""
