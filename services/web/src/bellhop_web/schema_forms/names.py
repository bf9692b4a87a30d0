"""Names of a form's fields: the path of the value, and behind a colon what else the field is for."""

import re

from bellhop_web.site.secret_fields import JSON, NAMES, SECRET

__all__ = ["BRANCH", "JSON", "NAMES", "PLAIN", "REST", "SECRET", "STORED", "VIEW"]

REST = ":rest"
"""Holds the fields of an object that have no field of their own, as JSON."""
BRANCH = ":is"
"""Which kind of value is meant."""
VIEW = ":view"
"""The button that shows the whole as fields or as JSON."""
STORED = ":stored"
"""With which an empty secret stays as it is stored."""
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
"""What a property is called that may be a part of a field's name."""
