"""The page on which somebody submits a job: choose a task, give its arguments, say when."""

from bellhop_web.domain import Domain

domain = Domain(package=__name__, pages=("pages",))
