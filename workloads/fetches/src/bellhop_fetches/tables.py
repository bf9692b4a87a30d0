"""Fetches: many slow URLs at once."""

from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bellhop_ledger.api import User, metadata_of


def host_of(url: str) -> str:
    """Return the host that a URL names, in one spelling; empty where it cannot be read."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


class Base(DeclarativeBase):
    """What the tables of fetches are made from."""

    metadata = metadata_of("fetches")


class FetchPage(Base):
    """One URL of a fan-out and the job that fetches it; it goes when the job goes."""

    __tablename__ = "fetch_pages"

    fetch_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    job_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    """Whose fetch it is; empty: the system's own token asked for it."""

    __table_args__ = (Index("fetch_pages_user_id_idx", "user_id", "fetch_id"),)
