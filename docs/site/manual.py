"""The manual: the OpenAPI document in a form that people read."""

import json
import re
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

from bellhop_web.openapi.tasks import BESIDE

METHODS = ("post", "get", "put", "patch", "delete")
FAR = 10**10
"""A limit beyond this is for machines."""
LIMITS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "maxLength": "at most {} characters",
}


class Manual:
    """One OpenAPI document, read for people."""

    def __init__(self, document: dict[str, Any]):
        self.info = document["info"]
        self.tags: list[dict[str, Any]] = document["tags"]
        self._paths: dict[str, Any] = document["paths"]
        self._components: dict[str, Any] = document["components"]

    @property
    def schemas(self) -> dict[str, Any]:
        """What requests and answers consist of, by name; the tasks' requests come last."""
        schemas = self._components["schemas"] | self._components.get(BESIDE, {})
        return dict(sorted(schemas.items(), key=lambda item: ("." in item[0], item[0])))

    def operations(self, tag: str) -> Iterator[dict[str, Any]]:
        """Yield the operations under a heading, in the order of their paths."""
        for path, item in self._paths.items():
            for method in METHODS:
                if tag in item.get(method, {}).get("tags", ()):
                    yield {"method": method.upper(), "path": path, **item[method]}

    def answers(self, operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what an operation answers, by status, with what stands elsewhere filled in."""
        for status, answer in operation["responses"].items():
            reference = answer.get("$ref", "").rsplit("/", 1)[-1]
            yield status, self._components["responses"][reference] if reference else answer

    def curl(self, operation: dict[str, Any]) -> str:
        """Return a command that calls the operation."""
        words = ["curl"]
        if operation.get("security"):
            words.append('-H "Authorization: Bearer $BELLHOP_TOKEN"')
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            words += self._sent(media_type, content)
        if operation["method"] != ("POST" if "requestBody" in operation else "GET"):
            words.append(f"-X {operation['method']}")
        path = re.sub(r"{\w+}", "$ID", operation["path"])
        return " \\\n  ".join([*words, f'"$BELLHOP_URL{path}"'])

    def _sent(self, media_type: str, content: dict[str, Any]) -> list[str]:
        if media_type != "application/json":
            named = content["schema"].get("contentMediaType", media_type)
            return [f"-H 'Content-Type: {named}'", "--data-binary @FILE"]
        body = json.dumps(self.example(content), ensure_ascii=False)
        return [f"-H 'Content-Type: {media_type}'", f"-d '{body}'"]

    def written(self, content: dict[str, Any]) -> str:
        """Return the example of a body as text; nothing when the document has none."""
        example = self.example(content)
        return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)

    def example(self, content: dict[str, Any]) -> Any:
        """Return an example of a body; nothing when the document has none."""
        if examples := content.get("examples"):
            return next(iter(examples.values()))["value"]
        return content["example"] if "example" in content else self._example(content.get("schema", {}))

    def _example(self, schema: dict[str, Any]) -> Any:
        if reference := schema.get("$ref"):
            return self._example(self._components["schemas"][reference.rsplit("/", 1)[-1]])
        if examples := schema.get("examples"):
            return examples[0]
        if schema.get("type") == "array":
            inner = self._example(schema["items"])
            return None if inner is None else [inner]
        parts = {name: self._example(inner) for name, inner in schema.get("properties", {}).items()}
        return {name: part for name, part in parts.items() if part is not None} or None


def kind(schema: dict[str, Any]) -> Markup:
    """Name the type that a schema describes, as a link where it has a name of its own."""
    if reference := schema.get("$ref"):
        return Markup('<a href="#schema-{0}">{0}</a>').format(reference.rsplit("/", 1)[-1])
    if options := schema.get("anyOf"):
        return Markup(" or ").join(kind(option) for option in options)
    if schema.get("type") == "array":
        return Markup("list of {}").format(kind(schema.get("items", {}))) + limits(schema)
    if "const" in schema:
        return Markup("<code>{}</code>").format(json.dumps(schema["const"]))
    return escape(schema.get("format") or schema.get("type") or "anything") + limits(schema)


def limits(schema: dict[str, Any]) -> Markup:
    """Return the limits of a value, and its default."""
    said = [words.format(f"{schema[key]:,}") for key, words in LIMITS.items() if abs(schema.get(key, FAR)) < FAR]
    said += [schema["x-words"]] if "x-words" in schema else []
    if "default" in schema:
        said.append(f"{json.dumps(schema['default'])} when not given")
    return escape("".join(f", {one}" for one in said))
