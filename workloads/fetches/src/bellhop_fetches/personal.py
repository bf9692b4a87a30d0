"""What fetches keep of people: the addresses that they had fetched, for as long as the jobs are kept."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bellhop_fetches.tables import FetchPage
from bellhop_ledger.api import PersonalData, PersonalRows


def export(db: Session, user_id: UUID) -> PersonalRows:
    """Return what somebody had fetched."""
    pages = select(FetchPage.fetch_id, FetchPage.position, FetchPage.url, FetchPage.job_id)
    mine = pages.where(FetchPage.user_id == user_id).order_by(FetchPage.fetch_id, FetchPage.position)
    return {"pages": db.execute(mine.execution_options(yield_per=500)).mappings()}


def erase(db: Session, user_id: UUID) -> None:
    """Make it nobody's. It goes with its jobs."""
    db.execute(update(FetchPage).where(FetchPage.user_id == user_id).values(user_id=None))


personal = PersonalData(export=export, erase=erase)
