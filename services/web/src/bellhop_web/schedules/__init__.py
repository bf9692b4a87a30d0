"""Schedules: what runs again and again, as people and programs edit it."""
