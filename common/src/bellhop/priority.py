"""Priorities of jobs: 9 is first, 0 can wait."""

LOWEST_PRIORITY, DEFAULT_PRIORITY, HIGHEST_PRIORITY = 0, 5, 9
