"""The description of the API for people: its page sends requests. It is Swagger UI, from a package of its own."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    pages=("pages",),
    libraries={"flask_openapi_swagger": "templates/swagger"},
)
