"""Tasks with all that a worker gives."""

from datetime import date
from typing import Annotated

from sqlalchemy import text

from bellhop import task
from bellhop.errors import Permanent
from bellhop.secret import Secret
from bellhop.signature import Mode


@task("shop.write", mode=Mode.ATOMIC)
def write(db, *, name: str) -> int:
    """Write a name, unless it is empty. Safe to repeat: it is written with the end of the job."""
    db.execute(text("INSERT INTO public.names VALUES (:name)"), {"name": name})
    if not name:
        raise ValueError("a name must not be empty")
    return len(name)


@task("shop.describe")
def describe(run, *, day: date, pin: Annotated[str, Secret()] = "none") -> dict[str, object]:
    """Return what it was given. Safe to repeat: it only reads."""
    run.progress(1, 2, "half of it")
    return {"day": day, "pin": pin, "attempt": run.job.attempt, "key": run.idempotency_key}


@task("shop.wait")
async def wait(*, seconds: float) -> str:
    """Wait in a coroutine. Safe to repeat: it waits."""
    import asyncio

    await asyncio.sleep(seconds)
    return "waited"


@task("shop.refuse")
def refuse() -> None:
    """Refuse. Safe to repeat: it never does anything."""
    raise Permanent("never")


@task("shop.wrong")
def wrong() -> int:
    """Return something else than it says. Safe to repeat: it only returns."""
    return "five"  # type: ignore[return-value]
