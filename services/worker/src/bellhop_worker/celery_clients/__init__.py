"""Messages of Celery clients that do not know Bellhop, and Celery's remote control."""
