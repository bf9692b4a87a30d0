"""What only the next release of the rolling update's test knows."""

import rolling_tasks
from sqlalchemy.orm import Session

from bellhop import task


@task("rolling.news", mode="atomic", retry=rolling_tasks.ONCE)
def news(db: Session, *, key: str) -> str:
    """Write a row. Safe to repeat: what a broken off run wrote is taken back."""
    return rolling_tasks.write(db, key=key)
