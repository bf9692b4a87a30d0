"""Routes of /api/search: what fits into a query."""

from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from bellhop.text import WITHOUT_NUL
from bellhop_ledger.platform.database import statement_timeout, transaction
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Query
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.search.suggestions import MOST, Suggestion, suggestions

bp = blueprint("search", "/api/search", access=Access.VIEWER)
PATIENCE = 1.0
"""Seconds: who types does not wait for more."""


class SuggestionQuery(Query):
    """What is typed."""

    word: Annotated[str, Field(max_length=200), WITHOUT_NUL] = Field(
        default="", description="The last word of the query, as far as it is typed", examples=["task:http"]
    )


class SuggestionsView(BaseModel):
    """What fits, the likeliest first."""

    suggestions: list[Suggestion] = Field(description=f"At most {MOST}")


@bp.get("/suggestions", responses=answers(200, SuggestionsView))
def suggest(query: SuggestionQuery) -> Response:
    """Suggest what may stand in the place of the last word of a query for jobs: terms, or values of a term.

    Values are those that there are: tasks, queues, schedules, workers, and tags and submitters of the latest jobs.
    """
    with statement_timeout(PATIENCE), transaction() as db:
        found = suggestions(db, query.word)
    return respond(SuggestionsView(suggestions=found))
