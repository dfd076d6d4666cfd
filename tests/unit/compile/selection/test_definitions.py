"""selectors.yml: what is taken, and what is refused with a reason."""

from __future__ import annotations

import pytest

from app.compile.selection.criteria import ALL, Criterion, Difference, Intersection, Union, criterion
from app.compile.selection.definitions import read_selectors
from app.compile.selection.parse import parse
from app.errors import UserError


def selectors(*definitions: str) -> str:
    lines = ["selectors:"]
    for number, definition in enumerate(definitions):
        lines += [f"  - name: s{number}", f"    definition: {definition}"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("orders", Criterion("fqn", "orders")),
        ("+orders", Criterion("fqn", "orders", parents=ALL)),
        ("2+orders+3", Criterion("fqn", "orders", parents=2, children=3)),
        ("@orders", Criterion("fqn", "orders", around=True)),
        ("@+orders", Criterion("fqn", "orders", around=True, parents=ALL)),
        ("models/marts", Criterion("path", "models/marts")),
        ("orders.sql", Criterion("file", "orders.sql")),
        ("tag:a:b", Criterion("tag", "a:b")),
        ("config.meta.owner:ana+", Criterion("config", "ana", ("meta", "owner"), children=ALL)),
        ("", Criterion("fqn", "")),
    ],
)
def test_the_short_form(text: str, meant: Criterion) -> None:
    found = criterion(text)
    assert found.raw == text
    assert found == Criterion(meant.method, meant.value, meant.arguments, meant.parents, meant.children, meant.around, text)


def test_blanks_are_or_and_commas_are_and() -> None:
    found = parse(["a b,c", "d"], ["e"])
    assert isinstance(found, Difference)
    assert isinstance(found.kept, Union)
    assert [[part.value for part in word.parts] for word in found.kept.parts] == [["a"], ["b", "c"], ["d"]]  # type: ignore[union-attr]
    assert [word.raw for word in found.kept.parts] == ["a", "b,c", "d"]  # type: ignore[union-attr]


def test_the_full_form() -> None:
    full = "{method: tag, value: nightly, parents: true, parents_depth: 2, children: true, indirect_selection: eager}"
    found = read_selectors(selectors(full, "{tag: nightly}")).by_name
    assert found["s0"] == Criterion("tag", "nightly", parents=2, children=ALL, raw="tag:nightly")
    assert found["s1"] == Criterion("tag", "nightly", raw="tag:nightly")


def test_what_is_left_out() -> None:
    found = read_selectors(selectors("{union: [a, {exclude: [b, c]}]}", "{intersection: [a, {exclude: []}]}")).by_name
    assert found["s0"] == Difference(Union((criterion("a"),)), Union((criterion("b"), criterion("c"))))
    assert found["s1"] == Intersection((criterion("a"),))


def test_a_selector_stands_on_those_before_it() -> None:
    found = read_selectors(selectors("a", "{method: selector, value: s0}")).by_name
    assert found["s0"] == found["s1"]


def test_a_file_without_anything_defines_nothing() -> None:
    assert dict(read_selectors("").by_name) == {}


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("selectors: [", "DM2621", "no YAML"),
        ("version: 2", "DM2621", "no list"),
        ("selectors: [{name: a}]", "DM2621", "`definition`"),
        ("selectors: [{name: a, default: true, definition: x}, {name: b, default: true, definition: x}]", "DM2621", "`a` and `b`"),
        (selectors("{union: [a], intersection: [b]}"), "DM2621", "more than its one"),
        (selectors("{union: a}"), "DM2621", "no list"),
        (selectors("{union: [{exclude: [a]}, {exclude: [b]}]}"), "DM2621", "more than one `exclude`"),
        (selectors("{union: [{exclude: a}]}"), "DM2621", "no list"),
        (selectors("{method: tag}"), "DM2620", "no method `method`"),
        (selectors("{method: tag, depth: 3}"), "DM2621", "`method` and `value`"),
        (selectors("{method: tag, value: a, depth: 3}"), "DM2621", "`depth`"),
        (selectors("{method: selector, value: s1}", "a"), "DM2621", "not defined before it"),
        (selectors("5"), "DM2621", "neither a text nor a mapping"),
        (selectors("[a, b]"), "DM2621", "neither a text nor a mapping"),
        (selectors("\"tag:{{ var('t') }}\""), "DM2621", "Jinja"),
        (selectors("{method: colour, value: red}"), "DM2620", "no method `colour`"),
        (selectors("{method: result, value: error}"), "DM2620", "results of dbt's runs"),
        (selectors("{method: config, value: view}"), "DM2620", "needs a key"),
        (selectors("{method: tag, value: a, children: true, childrens_parents: true}"), "DM2620", "not taken together"),
    ],
)
def test_what_is_refused(text: str, code: str, part: str) -> None:
    with pytest.raises(UserError) as raised:
        read_selectors(text)
    assert raised.value.problem.code == code
    assert part in raised.value.problem.message


def test_an_unknown_selector_is_told_with_one_that_is_near() -> None:
    with pytest.raises(UserError) as raised:
        read_selectors(selectors("a")).named("s9")
    assert (raised.value.problem.code, "s0" in raised.value.problem.hint) == ("DM2622", True)
    with pytest.raises(UserError) as raised:
        read_selectors("").named("s0")
    assert "defines none" in raised.value.problem.hint
