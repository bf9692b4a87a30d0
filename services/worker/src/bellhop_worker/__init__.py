"""Celery workers: the bodies of the tasks and what runs them."""
