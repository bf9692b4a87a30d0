"""Errors of the database: none of them shows a value, for they are logged, and jobs show them."""

import psycopg2
from sqlalchemy.engine import ExceptionContext


def hide_values(context: ExceptionContext) -> None:
    """Keep values out of an error, which is logged and which a job shows."""
    error, wrapper = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg2.Error) and wrapper is not None:
        without_values(error)
        kind = type(error)
        wrapper.args = (f"({kind.__module__}.{kind.__name__}) {error}",)


def without_values(error: psycopg2.Error) -> psycopg2.Error:
    """Keep the first thing that Postgres says: the lines of detail after it quote the statement and the row."""
    if error.diag.message_primary:
        error.args = (error.diag.message_primary,)
    return error
