"""YAML of schedules: read as it is written, or refused with the line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_client.command.errors import UsageError
from bellhop_client.command.schedules.yaml_text import MOST_VALUES, read_document, written

AS_WRITTEN: dict[str, Any] = {
    "600": 600,
    "-5": -5,
    "+5": 5,
    "0": 0,
    "0x1F": 31,
    "0.5": 0.5,
    ".5": 0.5,
    "5.": 5.0,
    "10000000000000000000000": 10**22,
    "true": True,
    "False": False,
    "null": None,
    "~": None,
    "": None,
    "Null": None,
    "yes": "yes",
    "no": "no",
    "NO": "NO",
    "on": "on",
    "off": "off",
    "y": "y",
    "n": "n",
    "12:30": "12:30",
    "12:30:45": "12:30:45",
    "2027-01-31": "2027-01-31",
    "2027-01-31 09:30:00": "2027-01-31 09:30:00",
    "2027-01-31T09:30:00Z": "2027-01-31T09:30:00Z",
    "=": "=",
    "1.2.3": "1.2.3",
    "'0600'": "0600",
    '"0600"': "0600",
    "!!str 0600": "0600",
    "1.5e+3": 1500.0,
    "1.5E-3": 0.0015,
    "!!int '5'": 5,
    "!!float 5": 5.0,
    "!!bool 'true'": True,
    "!!null ''": None,
    "'<<'": "<<",
    "[0 0 * * *, mon]": ["0 0 * * *", "mon"],
    "{a: {b: c}}": {"a": {"b": "c"}},
    "|\n  one\n  two": "one\ntwo\n",
    "!!map {a: 1}": {"a": 1},
    "!!seq [1]": [1],
}
REFUSED = {
    "0600": "0600 is a number to some and text to others: quote it, or write it out",
    "-0600": "-0600 is a number to some",
    "01234": "01234 is a number to some",
    "08": "08 is a number to some",
    "00": "00 is a number to some",
    "0o17": "0o17 is a number to some",
    "0b11": "0b11 is a number to some",
    "1_000": "1_000 is a number to some",
    "0x1_F": "0x1_F is a number to some",
    "1_0.5": "1_0.5 is a number to some",
    "01.5": "01.5 is a number to some",
    "1e3": "1e3 is a number to some",
    "1.5e3": "1.5e3 is a number to some",
    "1.0e+999": "a number as large as this cannot be stored",
    "12e4567": "12e4567 is a number to some",
    ".inf": ".inf is not a number that can be stored",
    "-.Inf": "-.Inf is not a number that can be stored",
    ".NaN": ".NaN is not a number that can be stored",
    "9" * 5000: "a number as large as this cannot be stored",
    "!!int five": "'five' does not fit its tag, int",
    "!!bool yes": "'yes' does not fit its tag, bool",
    "!!binary aGk=": "the tag 'tag:yaml.org,2002:binary' is not read",
    "!!timestamp 2030-01-01": "the tag 'tag:yaml.org,2002:timestamp' is not read",
    "!!set {a, b}": "the tag 'tag:yaml.org,2002:set' is not read",
    "!!omap [a: 1]": "the tag 'tag:yaml.org,2002:omap' is not read",
    "!!python/object/apply:os.system [ls]": "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read",
    "!local x": "the tag '!local' is not read",
    "{5: a}": "the key '5' must be text: quote it",
    "{true: a}": "the key 'true' must be text",
    "{~: a}": "the key '~' must be text",
    "{? [a] : b}": "must be text",
    "{a: 1, a: 2}": "the key 'a' is there more than once",
    "{a: 1, 'a': 2}": "the key 'a' is there more than once",
    "{<<: {a: 1}}": "merges (<<) are not read",
}


@pytest.mark.parametrize(("text", "value"), AS_WRITTEN.items())
def test_a_value_is_read_as_it_is_written(text: str, value: Any) -> None:
    document = read_document(f"a: {text}\n")

    assert document.faults == []
    assert repr(document.value) == repr({"a": value})


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=lambda text: text[:30])
def test_what_readers_of_yaml_disagree_about_is_refused_with_its_line(text: str, why: str) -> None:
    [fault] = read_document(f"# first\nb: 1\na: {text}\n").faults

    assert fault.startswith("line 3: ")
    assert why in fault


def test_all_faults_of_a_file_are_named_at_once() -> None:
    faults = read_document("a: 0600\nb: {c: 1, c: 2}\nd: !x y\ne: .nan\n").faults

    assert [fault.partition(":")[0] for fault in faults] == ["line 1", "line 2", "line 3", "line 4"]


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: *x}", "&x a: {b: &y [c, *y]}", "&x\na: [b, {c: *x}]"])
def test_an_alias_of_what_it_stands_in_is_refused(text: str) -> None:
    [fault] = read_document(text).faults

    assert "an alias stands within what it stands for" in fault


def test_an_alias_stands_for_what_its_anchor_names() -> None:
    assert read_document("a: &x {b: 1}\nc: [*x, *x]").value == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


def test_a_billion_values_of_ten_lines_are_not_made() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    with pytest.raises(UsageError, match=f"more than {MOST_VALUES:,} values"):
        read_document("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\n---\na: 2\n", "line 3: one document is read"),
        ("{", "this is not YAML"),
        ("a:\n\t- b", "this is not YAML"),
        ("a: *nobody", "this is not YAML"),
        ("a: \x00", "this is not YAML"),
        ("[" * 5000, "this is nested too deeply"),
    ],
)
def test_what_is_no_one_document_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_document(text)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_has_no_value(text: str) -> None:
    assert read_document(text).value is None


def test_lines_are_known_by_path() -> None:
    document = read_document("schedules:\n- name: a\n  args:\n    x: 1\n- name: b\n")

    assert [document.line_of(path) for path in ("schedules.0.args.x", "schedules.0.crontab", "schedules.1.name")] == [
        4,
        2,
        5,
    ]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn"))) | st.from_regex(
    r"\A[-+]?[0-9][0-9_.:eEobxA-F]*\Z|\A(yes|no|on|null|~|<<|=|\.inf|\.nan|08|1e3|0x1F)\Z"
)
VALUES = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    document = read_document(written({"a": value}))

    assert document.faults == []
    assert document.value == {"a": value}
