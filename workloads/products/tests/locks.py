"""A lock on one product, for as long as a test needs to look at who waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from tests.stack import Stack


@contextmanager
def product_held_back(stack: Stack, sku: str) -> Iterator[None]:
    """Keep everybody else from writing the product with this SKU, and write it not at all in the end."""
    connection = psycopg2.connect(stack.postgres.url)
    insert = (
        "INSERT INTO products.products (id, sku, name, price, currency) VALUES (gen_random_uuid(), %s, 'x', 1, 'EUR')"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(insert, (sku,))
            yield
    finally:
        connection.rollback()
        connection.close()
