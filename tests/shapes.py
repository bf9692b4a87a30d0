"""Fields with a pattern, as tests of the platform and of plug-ins check them."""

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError


def assert_the_schema_is_the_rule(kind: Any, text: str) -> None:
    """Check that what the schema of a field says of a text is what becomes of it."""
    stated = TypeAdapter(kind).json_schema()
    valid = bool(re.search(stated["pattern"].replace("$", r"\Z"), text)) and len(text) <= stated["maxLength"]
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        assert not valid
    else:
        assert valid
