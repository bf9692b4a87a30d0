"""The wall of schedules: what each of them did in a day or a night, run by run, those in trouble first."""

from bellhop_web.domain import Domain

domain = Domain(package=__name__, api=("api",), pages=("pages", "pages_days"), examples="examples")
