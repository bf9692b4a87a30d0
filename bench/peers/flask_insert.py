"""A Flask route that only inserts a row and commits."""

import os
from uuid import uuid4

import psycopg2
from flask import Flask
from psycopg2.pool import ThreadedConnectionPool

app = Flask("insert")
pool = ThreadedConnectionPool(16, 16, os.environ["PLAIN_DATABASE_URL"])


@app.post("/")
def submit() -> tuple[dict[str, str], int]:
    """Insert one row and give its id."""
    id = str(uuid4())
    connection: psycopg2.extensions.connection = pool.getconn()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO plain_jobs (id, task, args) VALUES (%s, 'plain.noop', '{}')", (id,))
    finally:
        pool.putconn(connection)
    return {"id": id}, 202
