"""The tasks of the shop."""

from uuid import uuid4

from bellhop import task
from bellhop.signature import Retry

ONCE = Retry(attempts=1)
DOWN, UP = "north.bank.example", "south.bank.example"


@task("orders.charge", retry=ONCE)
def charge(*, order: int, amount: str, bank: str) -> str:
    """Charge an order. Safe to repeat: the bank knows the order."""
    if not amount.replace(".", "", 1).isdecimal():
        raise ValueError(f"the amount of order {order} is not a number: {amount!r}")
    if bank == DOWN:
        raise TimeoutError(f"{bank}:443 did not answer payment {uuid4()} within 5.0 s")
    return f"order {order} is charged"


@task("orders.pack", retry=ONCE, queue="slow")
def pack(*, order: int) -> str:
    """Pack an order. Safe to repeat: it is packed once."""
    return f"order {order} is packed"


@task("reports.revenue", retry=ONCE)
def revenue(*, region: str) -> str:
    """Add up what the orders of a region brought. Safe to repeat: it replaces the report."""
    raise LookupError(f"there are no exchange rates for {region} of today")
