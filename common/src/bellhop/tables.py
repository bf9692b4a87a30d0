"""Every table, for the migrations."""

from bellhop import fetches, jobs, timer, tokens
from bellhop.database import Base

metadata = Base.metadata
__all__ = ["fetches", "jobs", "metadata", "timer", "tokens"]
