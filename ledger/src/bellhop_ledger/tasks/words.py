"""What is wrong with a value, in words, by the error of the JSON Schema validator.

Nothing quotes the value: it may be a secret, and what is said here is shown and logged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError

from bellhop import text
from bellhop.errors import Fault

MOST_NAMED = 50
"""So many unknown fields of one object are named."""
MOST_OPTIONS = 20
KINDS = {
    "string": text.KINDS["string"],
    "integer": text.KINDS["int"],
    "number": text.KINDS["float"],
    "boolean": text.KINDS["bool"],
    "object": text.KINDS["dict"],
    "array": text.KINDS["list"],
    "null": "null",
}
FORMATS = {
    "uuid": text.KINDS["uuid"],
    "date-time": "a date and time with an offset (RFC 3339), such as 2030-01-31T09:30:00Z",
    "date": text.KINDS["date"],
    "time": "a time with an offset, such as 09:30:00Z",
    "duration": "a duration in ISO 8601, such as PT1H30M",
    "email": "an e-mail address",
    "uri": "a URL",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
}
LIMITS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be greater than {}",
    "exclusiveMaximum": "must be less than {}",
}
SIZES = {
    "minLength": ("minLength", "maxLength", "character"),
    "maxLength": ("minLength", "maxLength", "character"),
    "minItems": ("minItems", "maxItems", "item"),
    "maxItems": ("minItems", "maxItems", "item"),
    "minProperties": ("minProperties", "maxProperties", "field"),
    "maxProperties": ("minProperties", "maxProperties", "field"),
}
NOT_KNOWN = text.FAULTS["extra_forbidden"]


def faults_of(error: ValidationError, schema: Mapping[str, Any], *prefix: str) -> Iterator[Fault]:
    """Yield what one error means, each with the path of its field; `prefix` is where the validated value stands."""
    path = (*prefix, *map(str, error.instance_path))
    kind: Any = error.kind
    match kind.name:
        case "required":
            yield _fault((*path, kind.property), text.FAULTS["missing"])
        case "additionalProperties" | "unevaluatedProperties":
            yield from (_fault((*path, name), NOT_KNOWN) for name in kind.unexpected[:MOST_NAMED])
        case "anyOf" | "oneOf" if hasattr(kind, "context"):
            yield from _of_choice(path, kind.context, schema, prefix)
        case "propertyNames":
            yield _fault(path, f"{_short(kind.error.instance)} {_of_name(kind.error, schema)}")
        case _:
            yield _fault(path, words_of(error, schema))


def words_of(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """Return what one error means that is about the value itself and about none of its parts."""
    kind: Any = error.kind
    around = _around(error, schema)
    if kind.name in LIMITS:
        return LIMITS[kind.name].format(_number(kind.limit))
    if kind.name in SIZES:
        return _size(around, *SIZES[kind.name])
    if hasattr(kind, "message"):  # a keyword of our own
        return str(kind.message)
    say = WORDS.get(kind.name)
    return say(kind, around) if say else f"does not fit the task's schema ({kind.name})"


def _fault(path: Sequence[str], message: str) -> Fault:
    return Fault(".".join(path), message)


def _of_name(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """Return what is wrong with the name of a field."""
    words = words_of(error, schema)
    return words.replace("must be ", "is not ", 1) if words.startswith("must be ") else words


def _of_choice(
    path: Sequence[str], branches: Sequence[Sequence[ValidationError]], schema: Mapping[str, Any], prefix: Sequence[str]
) -> Iterator[Fault]:
    """Describe a value that fits no branch: by the branch that is meant, or by the types that all of them ask for."""
    place = [str(part) for part in path[len(prefix) :]]
    meant = [branch for branch in branches if branch and not any(_is_about(one, place, "type") for one in branch)]
    if not meant:
        wanted = [one.kind for branch in branches for one in branch if _is_about(one, place, "type")]
        kinds = dict.fromkeys(KINDS.get(name, name) for kind in wanted for name in kind.types)  # type: ignore[attr-defined]
        yield _fault(path, f"must be {_listed(list(kinds))}")
        return
    tags = [one for branch in meant for one in branch if _is_a_tag(one, place)]
    untagged = [branch for branch in meant if not any(_is_a_tag(one, place) for one in branch)]
    if tags and not untagged:
        options = [option for one in tags for option in _options(one)]
        yield _fault((*prefix, *map(str, tags[0].instance_path)), f"must be {_one_of(options)}")
        return
    for error in min(untagged, key=len):
        yield from faults_of(error, schema, *prefix)


def _is_about(error: ValidationError, place: Sequence[str], kind: str) -> bool:
    return error.kind.name == kind and [str(part) for part in error.instance_path] == place


def _is_a_tag(error: ValidationError, place: Sequence[str]) -> bool:
    """Whether this is about a field that says which branch is meant, such as `kind`."""
    return error.kind.name in {"const", "enum"} and len(error.instance_path) == len(place) + 1


def _options(error: ValidationError) -> list[Any]:
    kind: Any = error.kind
    return [kind.expected_value] if kind.name == "const" else list(kind.options)


def _around(error: ValidationError, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema in which the failing keyword stands."""
    found: Any = schema
    for step in error.schema_path[:-1]:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return found if isinstance(found, dict) else {}


def _size(around: Mapping[str, Any], least: str, most: str, what: str) -> str:
    low, high = around.get(least), around.get(most)
    if low is not None and low == high:
        return f"must have {low:,} {what}{'' if low == 1 else 's'}"
    if low is not None and high is not None:
        return f"must have {low:,} to {high:,} {what}s"
    count, words = (high, "at most") if low is None else (low, "at least")
    return f"must have {words} {count:,} {what}{'' if count == 1 else 's'}"


def _one_of(options: Sequence[Any]) -> str:
    named = [_short(option) for option in options[:MOST_OPTIONS]]
    if len(options) > MOST_OPTIONS:
        return f"one of {', '.join(named)} and {len(options) - MOST_OPTIONS} others"
    return _listed(named)


def _listed(words: Sequence[str]) -> str:
    if words[1:] and any(" or " in word for word in words):
        return ", or ".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def _short(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else _number(value)


def _number(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return f"{int(value)}" if whole else str(value)


def _pattern(_: Any, around: Mapping[str, Any]) -> str:
    return f"must be {around['x-words']}" if "x-words" in around else "is not written as its description says"


def _not(kind: Any, _: Mapping[str, Any]) -> str:
    words = kind.schema.get("x-words") if isinstance(kind.schema, dict) else None
    return f"must not be {words}" if words else "is not allowed here"


WORDS: Mapping[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "type": lambda kind, _: f"must be {_listed([KINDS.get(one, one) for one in kind.types])}",
    "enum": lambda kind, _: f"must be {_one_of(kind.options)}",
    "const": lambda kind, _: f"must be {_short(kind.expected_value)}",
    "pattern": _pattern,
    "format": lambda kind, _: f"must be {FORMATS.get(kind.format, 'written as ' + str(kind.format))}",
    "multipleOf": lambda kind, _: f"must be a multiple of {_number(kind.multiple_of)}",
    "uniqueItems": lambda *_: "must not have an item twice",
    "not": _not,
    "falseSchema": lambda *_: NOT_KNOWN,
}
