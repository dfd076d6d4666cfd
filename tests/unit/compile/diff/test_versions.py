"""The next version, the rules of compatibility, types that get wider, and Markdown that fits a comment."""

from __future__ import annotations

import pytest

from app.compile.diff.compatibility import Compatibility, judge
from app.compile.diff.markdown import markdown
from app.compile.diff.report import Action, Change, DiffReport, Direction, Kind, Touched
from app.compile.diff.types import type_changed
from app.compile.diff.versions import is_version, suggest
from app.compile.markdown.sections import LONGEST
from app.errors import Where


def report(*kinds: Kind, possible: bool = False) -> DiffReport:
    changes = (Change(kind, Action.CHANGED, f"metric.m{number}", "changed", possible=possible) for number, kind in enumerate(kinds))
    return DiffReport("a", "b", tuple(sorted(changes, key=lambda change: change.kind.rank)))


BREAKING, MEANING, ADDITIVE, COSMETIC = report(Kind.BREAKING), report(Kind.MEANING), report(Kind.ADDITIVE), report(Kind.COSMETIC)


@pytest.mark.parametrize(
    ("current", "found", "following", "bump"),
    [
        ("1.4.2", report(Kind.BREAKING, Kind.COSMETIC), "2.0.0", "major"),
        ("1.4.2", MEANING, "2.0.0", "major"),
        ("1.4.2", report(Kind.MEANING, possible=True), "1.5.0", "minor"),
        ("1.4.2", ADDITIVE, "1.5.0", "minor"),
        ("1.4.2", COSMETIC, "1.4.3", "patch"),
        ("1.4.2", report(), "1.4.2", "none"),
        ("v1.4.2", ADDITIVE, "v1.5.0", "minor"),
        ("0.4.2", BREAKING, "0.5.0", "minor"),
        ("0.4.2", ADDITIVE, "0.4.3", "patch"),
        ("0.4.2", COSMETIC, "0.4.3", "patch"),
    ],
)
def test_next_version(current: str, found: DiffReport, following: str, bump: str) -> None:
    suggestion = suggest(current, found)
    assert (suggestion.next, suggestion.bump) == (following, bump)
    assert suggestion.reason


@pytest.mark.parametrize("text", ["1.4", "1.4.0-rc.1", "01.2.3", "1.2.3.4", "one"])
def test_no_version(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(ValueError, match=text):
        suggest(text, BREAKING)


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (Compatibility.NONE, []),
        (Compatibility.BACKWARD, []),
        (Compatibility.BACKWARD_TRANSITIVE, [("old", "backward")]),
        (Compatibility.FORWARD, [("new", "forward")]),
        (Compatibility.FORWARD_TRANSITIVE, [("new", "forward"), ("old", "forward")]),
        (Compatibility.FULL, [("new", "forward")]),
        (Compatibility.FULL_TRANSITIVE, [("old", "backward"), ("new", "forward"), ("old", "forward")]),
    ],
)
def test_rules(rule: Compatibility, broken: list[tuple[str, str]]) -> None:
    """The newest state was only added to, the older one was broken."""
    verdict = judge(rule, [("new", report(Kind.ADDITIVE)), ("old", BREAKING)], [("new", BREAKING), ("old", BREAKING)])
    assert [(violation.state, violation.direction) for violation in verdict.violations] == broken
    assert verdict.holds is not bool(broken)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("integer", "bigint", Kind.ADDITIVE),
        ("bigint", "integer", Kind.BREAKING),
        ("int8", "bigint", Kind.COSMETIC),
        ("Int8", "Int16", Kind.ADDITIVE),
        ("Int32", "Nullable(Int32)", Kind.MEANING),
        ("LowCardinality(String)", "String", Kind.COSMETIC),
        ("UInt8", "Int16", Kind.MEANING),
        ("varchar(3)", "varchar(2)", Kind.BREAKING),
        ("varchar(3)", "text", Kind.ADDITIVE),
        ("numeric(12, 2)", "numeric(12,2)", Kind.COSMETIC),
        ("numeric(12,2)", "numeric(14,4)", Kind.ADDITIVE),
        ("numeric(12,2)", "numeric(12,4)", Kind.MEANING),
        ("numeric(12,2)", "numeric", Kind.ADDITIVE),
        ("real", "double precision", Kind.ADDITIVE),
        ("text", "integer", Kind.BREAKING),
        ("date", "timestamp", Kind.BREAKING),
        ("", "integer", Kind.MEANING),
        ("integer", "", Kind.MEANING),
        ("geography", "integer", Kind.MEANING),
        ("TEXT", "text", Kind.COSMETIC),
    ],
)
def test_types(old: str, new: str, kind: Kind) -> None:
    assert type_changed(old, new) is kind
    mirror = {Kind.ADDITIVE: Kind.BREAKING, Kind.BREAKING: Kind.ADDITIVE}.get(kind, kind)
    if kind is not Kind.BREAKING or type_changed(new, old) is not Kind.BREAKING:
        assert type_changed(new, old) is mirror


def test_markdown_fits_a_comment_and_says_what_it_leaves_out() -> None:
    changes = tuple(Change(kind, Action.CHANGED, f"metric.m{n}", "changed " * 20, before="x" * 300) for kind in Kind for n in range(100))
    text = markdown(DiffReport("a", "b", changes))
    assert len(text) <= LONGEST + 500
    assert "entries are left out" in text
    assert text.count("<details") == text.count("</details>")
    assert "| 🔴 breaking | 100 |" in text


def test_markdown_of_everything_that_can_be_said() -> None:
    touches = Touched(("a", "b"), ("q",), ("e",), ("m.p", "m.q"))
    change = Change(
        Kind.BREAKING,
        Action.CHANGED,
        "metric.a",
        "metric `a` is <gone>",
        after="x`y|",
        hint="do @this",
        where=Where("m.yml", 3),
        touches=touches,
    )
    loose = Change(
        Kind.MEANING,
        Action.CHANGED,
        "policy.m.p",
        "policy `p` is changed",
        possible=True,
        security=Direction.LOOSENED,
        before="rows where a",
    )
    found = DiffReport("a", "b", (change, loose), ("something was left out",))
    verdict = judge(Compatibility.FULL, [("old", found)], [("old", found)])
    text = markdown(found, suggest("1.0.0", found), verdict)
    for part in (
        "### Semantic layer: 1 breaking, 1 meaning",
        "| 🔴 breaking | 1 | a name or an ability goes away | 2 |",
        "Version: `1.0.0` → **`2.0.0`** (major: names or abilities go away)",
        "Compatibility `full` with `old`: **is broken by 2 changes**",
        "> something was left out",
        "| policy `p` is changed | loosened | `rows where a` |  |",
        "- metric `a` is &lt;gone> · `m.yml:3`",
        "  - nothing → ``x`y|``",
        "  - touches metrics `a`, `b`; saved query `q`; exposure `e`; policies `m.p`, `m.q`",
        "  - do @&#8203;this",
        "_(possibly)_",
        "#### What the older states do not answer",
        "- `metric.a`, against `old`",
    ):
        assert part in text, (part, text)
    assert "**holds**" in markdown(report(), None, judge(Compatibility.NONE, [("old", report())], []))
    assert markdown(report()) == "### Semantic layer: nothing changes\n"


def test_a_report_reads_back_from_json() -> None:
    change = Change(
        Kind.MEANING,
        Action.CHANGED,
        "metric.a",
        "changed",
        where=Where("m.yml", 3, 1),
        security=Direction.LOOSENED,
        touches=Touched(("b",)),
    )
    found = DiffReport("a", "b", (change,), ("note",))
    assert DiffReport.from_json(found.canonical()) == found
