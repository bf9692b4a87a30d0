"""The API's description: the document, and the library behind it."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    pages=("page",),
)
