"""A Flask route that hands the job to plain Celery."""

from flask import Flask

from bench.peers.celery_app import noop

app = Flask("plain")


@app.post("/")
def submit() -> tuple[dict[str, str], int]:
    """Send the message and give its id."""
    return {"id": noop.delay().id}, 202
