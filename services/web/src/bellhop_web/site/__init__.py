"""Pages for people: HTML made by the server, forms that work without JavaScript, and live fragments on top."""

from bellhop_web.domain import Domain
from bellhop_web.site.forms import read_form, show_again
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint, render, see_other

__all__ = ["flash", "pages_blueprint", "read_form", "render", "see_other", "show_again"]

domain = Domain(package=__name__, pages=("home", "operators_gate", "zone"))
