"""What the web service serves of the tests' plug-in: live views that are for everybody."""

from bellhop_web.plugin import Domain

domain = Domain(package=__name__, pages=("pages",))
