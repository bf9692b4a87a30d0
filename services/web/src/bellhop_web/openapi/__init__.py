"""The API's description: the document, the library behind it, and its page for people."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    pages=("page",),
)
