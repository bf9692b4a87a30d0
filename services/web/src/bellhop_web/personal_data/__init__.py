"""Personal data: exported and deleted, by people themselves and by admins."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    api=("api", "api_own"),
    pages=("pages", "pages_own"),
    examples="examples",
    costly=(
        "personal_data.export_person",
        "own_data.export_account",
        "personal_data_pages.export",
        "own_data_pages.export",
    ),
)
