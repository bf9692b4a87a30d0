"""YAML as it is written: the core schema of YAML 1.2, and what YAML 1.1 and 1.2 read differently is refused.

Source: YAML 1.2.2, 10.3.2. PyYAML's own schema is that of 1.1, in which 0600 is 384, `no` is false and 12:30 is 750.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isinf
from typing import Any

import yaml

from bellhop_client.command.errors import UsageError

MOST_VALUES = 1_000_000
"""So many values a file may have when its aliases are followed; ten lines of them can make billions."""
TAG, PLAIN = "tag:yaml.org,2002:", "plain"
AMBIGUOUS = re.compile(
    r"[-+]?(0[0-9_]+(\.[0-9_]*)?|0[bo][0-9_]+|0x[0-9a-fA-F]*_[0-9a-fA-F_]*|\.?[0-9][0-9_.]*_[0-9_.]*)"
)
EXPONENT = re.compile(r"[-+]?([0-9]+[eE][-+]?[0-9]+|([0-9]+\.[0-9]*|\.[0-9]+)[eE][0-9]+)")
"""In YAML 1.1 an exponent needs a point before it and a sign: without them it is text there."""
CORE = {
    "null": re.compile(r"(~|null|Null|NULL|)"),
    "bool": re.compile(r"(true|True|TRUE|false|False|FALSE)"),
    "int": re.compile(r"([-+]?[0-9]+|0x[0-9a-fA-F]+)"),
    "float": re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
}
READ: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text, 16 if text.startswith("0x") else 10),
    "float": lambda text: _finite(float(text)),
    "str": str,
}
NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class CoreLoader(yaml.SafeLoader):
    """Composes nodes; a scalar without quotes and without a tag is PLAIN, and not yet taken for anything."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """Return the tag of a node that has none."""
        if kind is yaml.ScalarNode and implicit[0]:
            return PLAIN
        return {yaml.ScalarNode: f"{TAG}str", yaml.SequenceNode: f"{TAG}seq"}.get(kind, f"{TAG}map")


@dataclass
class Document:
    """What stands in a file: its value, the line of each part of it, and what cannot be read."""

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _open: list[yaml.Node] = field(default_factory=list)
    _values: int = 0

    def line_of(self, path: str) -> int | None:
        """Return the line at which a part stands, or the part that it would belong to."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path)

    def read(self, node: yaml.Node, path: str = "") -> Any:
        """Return the value of a node, and note what is wrong with it. Raises UsageError for one without an end."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise UsageError(f"the file has more than {MOST_VALUES:,} values when its aliases are followed")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if any(node is one for one in self._open):
            return self._refuse(node, "an alias stands within what it stands for")
        self._open.append(node)
        try:
            return self._read(node, path)
        finally:
            self._open.pop()

    def _read(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            self._check_tag(node, "map")
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            self._check_tag(node, "seq")
            return [self.read(item, f"{path}.{place}" if path else str(place)) for place, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node)

    def _pairs(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = self.read(key_node, f"{path}.?") if isinstance(key_node, yaml.ScalarNode) else None
            if key == "<<" and key_node.tag == PLAIN:
                self._refuse(key_node, "merges (<<) are not read; YAML 1.2 has none")
            elif not isinstance(key, str):
                self._refuse(key_node, f"the key {_describe(key_node)} must be text: quote it")
            elif key in seen:
                self._refuse(key_node, f"the key {key!r} is there more than once")
            else:
                seen.add(key)
                yield key, self.read(value_node, f"{path}.{key}" if path else key)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag == PLAIN:
            return self._plain(node)
        kind = node.tag.removeprefix(TAG)
        if kind == "str":
            return node.value
        if kind not in CORE:
            return self._refuse(node, f"the tag {node.tag!r} is not read")
        if not CORE[kind].fullmatch(node.value):
            return self._refuse(node, f"{node.value[:40]!r} does not fit its tag, {kind}")
        return self._converted(node, kind)

    def _plain(self, node: yaml.ScalarNode) -> Any:
        text = node.value
        if AMBIGUOUS.fullmatch(text) or EXPONENT.fullmatch(text):
            return self._refuse(node, f"{text[:40]} is a number to some and text to others: quote it, or write it out")
        if NOT_FINITE.fullmatch(text):
            return self._refuse(node, f"{text} is not a number that can be stored")
        return self._converted(node, next((kind for kind, found in CORE.items() if found.fullmatch(text)), "str"))

    def _converted(self, node: yaml.ScalarNode, kind: str) -> Any:
        try:
            return READ[kind](node.value)
        except ValueError:
            return self._refuse(node, "a number as large as this cannot be stored")

    def _check_tag(self, node: yaml.Node, kind: str) -> None:
        if node.tag != TAG + kind:
            self._refuse(node, f"the tag {node.tag!r} is not read")

    def _refuse(self, node: yaml.Node, reason: str) -> None:
        self.faults.append(f"line {node.start_mark.line + 1}: {reason}")


def read_document(text: str) -> Document:
    """Read the one document of a text. Raises UsageError where it is no YAML, or more than one document."""
    try:
        return _only_one(list(yaml.compose_all(text, Loader=CoreLoader)))
    except yaml.YAMLError as error:
        raise UsageError(f"this is not YAML: {error}") from None
    except RecursionError:
        raise UsageError("this is nested too deeply") from None


def _only_one(nodes: list[yaml.Node]) -> Document:
    if len(nodes) > 1:
        raise UsageError(f"line {nodes[1].start_mark.line + 1}: one document is read, and here begins another one")
    document = Document()
    if nodes:
        document.value = document.read(nodes[0])
    return document


class CoreDumper(yaml.SafeDumper):
    """Writes text in quotes where it would be read as something else, here or by a reader of YAML 1.1."""


def _write_text(dumper: CoreDumper, text: str) -> yaml.ScalarNode:
    numbers = (AMBIGUOUS, EXPONENT, NOT_FINITE, *CORE.values())
    quoted = text == "<<" or any(pattern.fullmatch(text) for pattern in numbers)
    return dumper.represent_scalar(f"{TAG}str", text, style="'" if quoted else None)


CoreDumper.add_representer(str, _write_text)


def written(value: Any) -> str:
    """Write a value so that read_document() reads it again."""
    return str(yaml.dump(value, Dumper=CoreDumper, sort_keys=False, allow_unicode=True))


def _finite(number: float) -> float:
    if isinf(number):
        raise ValueError
    return number


def _describe(node: yaml.Node) -> str:
    return repr(node.value[:40]) if isinstance(node, yaml.ScalarNode) else "in front of ':'"
