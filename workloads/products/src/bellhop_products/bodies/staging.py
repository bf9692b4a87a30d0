"""Staging: rows wait in a temporary table of the job's transaction until all of them are known to be good."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_products.bodies.rows import BadRows, Row

T = TypeVar("T")
AT_ONCE = 5_000
COLUMNS = ("sku", "name", "description", "price", "currency")

CREATE = text("""
    CREATE TEMPORARY TABLE incoming (
        line integer, sku text, name text, description text, price bigint, currency text
    ) ON COMMIT DROP
""")
COPY = "COPY incoming FROM STDIN (FORMAT csv)"

DUPLICATES = text("""
    SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY sku) AS first FROM incoming) AS found
    WHERE line > first ORDER BY line
""")

DROP = text("DELETE FROM incoming WHERE line = ANY(:lines)")

# In the order of their SKUs, so that two imports of the same products wait for one another and never both wait.
MERGE = text("""
    WITH merged AS (
        INSERT INTO products.products (id, sku, name, description, price, currency)
        SELECT gen_random_uuid(), sku, name, description, price, currency FROM incoming ORDER BY sku
        ON CONFLICT (sku) DO UPDATE
        SET name = excluded.name, description = excluded.description, price = excluded.price,
            currency = excluded.currency, updated_at = now()
        WHERE (products.name, products.description, products.price, products.currency)
              IS DISTINCT FROM (excluded.name, excluded.description, excluded.price, excluded.currency)
        RETURNING xmax = 0 AS created
    )
    SELECT count(*) FILTER (WHERE created) AS created, count(*) FILTER (WHERE NOT created) AS updated FROM merged
""")


class Staging:
    """The rows of one import, not yet seen by anybody else."""

    def __init__(self, db: Session):
        self._db = db
        self.count = 0
        db.execute(CREATE)

    def add(self, rows: list[Row]) -> None:
        """Take more rows."""
        lines, values = io.StringIO(), ((line, *attrgetter(*COLUMNS)(record)) for line, record in rows)
        csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(values)
        lines.seek(0)
        driver: Any = self._db.connection().connection.driver_connection
        with driver.cursor() as cursor:
            cursor.copy_expert(COPY, lines)
        self.count += len(rows)

    def drop_duplicates(self, bad: BadRows) -> None:
        """Note the rows whose SKU stands on an earlier line, and take them out."""
        found = self._db.execute(DUPLICATES).all()
        for line, first in found:
            bad.add(line, "sku", f"stands on line {first} already")
        if found:
            self._db.execute(DROP, {"lines": [line for line, _ in found]})
            self.count -= len(found)

    def merge(self) -> tuple[int, int]:
        """Write the rows into the catalogue and give how many products are new and how many have changed."""
        created, updated = self._db.execute(MERGE).one()
        return created, updated


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    """Yield the things in lists that are worth a statement."""
    source = iter(things)
    while batch := list(islice(source, AT_ONCE)):
        yield batch
