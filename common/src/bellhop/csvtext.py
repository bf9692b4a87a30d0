"""CSV that is safe to open in a spreadsheet: a value that would be taken for a formula gets an apostrophe before it.

The guard is taken off again when the file is read, so that what was exported comes back as it was.
"""

import re

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""Signs that make a spreadsheet reckon, see OWASP on CSV injection; and a value that looks guarded already."""


def guarded(value: str) -> str:
    """Put the guard before a value that needs it."""
    return f"'{value}" if FORMULA.match(value) else value


def without_guard(value: str) -> str:
    """Take the guard off."""
    return value[1:] if value.startswith("'") and FORMULA.match(value) else value
