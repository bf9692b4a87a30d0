"""What the site has that no file of ours says: pages made of the code, and the order of all pages.

A page asks for what is made by a comment, which a reader of the file does not see: `<!-- made: settings -->`.
"""

import re
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from docs.site import commands, docstrings, operations, order, settings

MAKERS: dict[str, Callable[..., str]] = {
    "settings": settings.page,
    "operations": operations.page,
    "commands": commands.page,
    "module": docstrings.module,
}
MARK = re.compile(r"^<!-- made: (\w+) ?(.*?) -->$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the build."""
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", docstrings.as_rst)
    app.connect("autodoc-skip-member", docstrings.is_of_the_base)
    app.connect("object-description-transform", docstrings.name_in_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def fill(app: Sphinx, name: str, source: list[str]) -> None:
    """Put what is made into the text of a page, and its place into that of all pages."""
    text = MARK.sub(lambda mark: MAKERS[mark[1]](*mark[2].split()), source[0])
    source[0] = order.placed(name, text)
