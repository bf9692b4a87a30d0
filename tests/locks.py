"""Locks: hold something up in the database for as long as a test needs to look at it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from tests.stack import Stack, wait_until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO products%'"


@contextmanager
def product_held_back(stack: Stack, sku: str) -> Iterator[None]:
    """Keep everybody else from writing the product with this SKU, and write it not at all in the end."""
    connection = psycopg2.connect(stack.postgres.url)
    insert = "INSERT INTO products (id, sku, name, price, currency) VALUES (gen_random_uuid(), %s, 'x', 1, 'EUR')"
    try:
        with connection.cursor() as cursor:
            cursor.execute(insert, (sku,))
            yield
    finally:
        connection.rollback()
        connection.close()


def someone_waits(stack: Stack) -> None:
    """Wait until a statement waits for a product that is held back."""
    wait_until(lambda: stack.sql(WAITING)[0][0])
