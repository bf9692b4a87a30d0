"""Fields with a pattern: machines get it in the schema, people get words."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

import bellhop
import bellhop_ledger
import bellhop_web
import bellhop_worker
from bellhop import signature as signatures
from bellhop.text import ONE_LINE, Shape
from bellhop.urls import URL, WebUrl, origin_of
from bellhop_ledger.platform.settings import Settings, SettingsError
from docs.site.manual import limits
from tests.shapes import assert_the_schema_is_the_rule
from tests.stack import ROOT

PLATFORM = (bellhop, bellhop_ledger, bellhop_web, bellhop_worker)
NOT_FOR_TESTS = ("server.conf", "wsgi", "migrations.env", "bellhop_worker.app")


def modules() -> Iterator[str]:
    """Every module of ours that has models."""
    for package in (*PLATFORM, *(import_module(path.name) for path in ROOT.glob("workloads/*/src/bellhop_*"))):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(NOT_FOR_TESTS) and ".versions." not in module.name:
                yield module.name


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """All parts of a schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(inner)


def test_every_field_with_a_pattern_says_it_in_words() -> None:
    for name in modules():
        import_module(name)
    ours = {model for model in models(BaseModel) if model.__module__.startswith("bellhop")}
    ours |= {signature.arguments for signature in signatures.registry.values()}
    told = {model: [part for part in parts(schema_of(model)) if isinstance(part.get("pattern"), str)] for model in ours}

    assert sum(map(bool, told.values())) > 10
    assert {model: [one for one in found if not one.get("x-words")] for model, found in told.items() if found} == {
        model: [] for model, found in told.items() if found
    }
    for words in {one["x-words"] for found in told.values() for one in found}:
        assert not re.search(r"[\\^$\[\]{}|*]", words), words


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return BaseModel.model_json_schema.__func__(model)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("shape", [Shape("[a-z]+", "small letters"), ONE_LINE])
def test_a_refusal_is_made_of_words(shape: Shape) -> None:
    with pytest.raises(ValueError, match=re.escape(f"must be {shape.words}")) as caught:
        shape.check("\x00")

    assert shape.pattern not in str(caught.value)


def test_the_manual_shows_the_words_and_not_the_pattern() -> None:
    schema = TypeAdapter(WebUrl).json_schema()

    assert "an http or https URL, such as https://example.org/" in limits(schema)
    assert "[hH]" not in limits(schema)
    assert limits({"type": "string", "pattern": "^a$"}) == ""


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://example.org", "https://example.org"),
        (" HTTP://example.org/A", "http://example.org/A"),
        ("\n\thttps://example.org/x \u00a0", "https://example.org/x"),
        ("hTTpS://[::ffff:192.0.2.1]:8443/?q#f", "https://[::ffff:192.0.2.1]:8443/?q#f"),
        ("http://b\u00fccher.example/\u00fc@x", "http://b\u00fccher.example/\u00fc@x"),
        ("http://example.org:65535", "http://example.org:65535"),
    ],
)
def test_a_url_is_taken_without_the_blanks_around_it_and_in_any_case_of_its_scheme(given: str, read: str) -> None:
    assert TypeAdapter(WebUrl).validate_python(given) == read


NO_URLS = ["", "example.org", "ftp://a", "//a", "http://", "http:///x", "http://u:p@a/", "http://u@a", "http://a b"]
NO_URLS += [
    "http://[0]",
    "http://[::1",
    "http://[1::2::3]",
    "http://a:65536",
    "http://a:x",
    "http://a\\b",
    "http://:80",
]
NO_URLS += ["http://\u2100.example", "http://\uff20a", "javascript:alert(1)", "http://a\nb"]


@pytest.mark.parametrize("given", NO_URLS)
def test_what_is_no_url_to_a_host_is_refused_in_words(given: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(WebUrl).validate_python(given)

    [error] = caught.value.errors()
    assert error["msg"].startswith("must be an http or https URL, such as https://example.org/")


@given(st.from_regex(re.compile(URL), fullmatch=True))
def test_every_url_that_the_schema_allows_has_a_host(url: str) -> None:
    assert origin_of(TypeAdapter(WebUrl).validate_python(url))


@given(st.text())
def test_the_schema_of_a_shape_allows_what_is_taken_and_nothing_else(text: str) -> None:
    assert_the_schema_is_the_rule(WebUrl, text)


def test_no_shape_costs_more_time_the_longer_the_text() -> None:
    for text in ("x" * 200_000 + "\x01", "\u200b" * 200_000, " " * 200_000 + "\x01", "1" * 200_000 + "E+\x01"):
        with pytest.raises(ValueError, match="must be"):
            ONE_LINE.check(text)


@pytest.mark.parametrize("name", ["PUBLIC_URL", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_settings_are_refused_in_words(env: pytest.MonkeyPatch, name: str) -> None:
    env.setenv(name, "example.org")

    with pytest.raises(SettingsError) as caught:
        Settings.load()

    assert str(caught.value).startswith(f"{name}: must be ")
    assert not set("^$\\") & set(str(caught.value))
