"""Schedules as files of YAML, so that they can live in git."""
