"""Schedules: what runs again and again, as people and programs edit it."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link
from bellhop_web.http.limits import LARGE

domain = Domain(
    package=__name__,
    tags={"schedules": "What runs again and again, or once at a date"},
    api=("api", "api_schedule", "api_runs"),
    pages=("pages", "pages_form", "pages_schedule", "pages_runs"),
    links=(Link(label="Schedules", path="/schedules", access=Access.VIEWER),),
    examples="examples",
    located=("create_schedule", "run_schedule"),
    costly=(
        "schedules.preview_schedule",
        "schedules.import_schedules",
        "schedule_forms_pages.show_preview",
        "schedule_runs.preview_runs",
    ),
    bodies={"/api/schedules/import": LARGE},
)
