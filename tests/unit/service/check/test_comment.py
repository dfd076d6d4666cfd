"""The comment: what stands first, what is left out when there is too much, and what a project's texts can't do to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from app.compile.diff.report import Action, Change, DiffReport, Direction, Kind, Touched
from app.compile.lint.run import Found
from app.errors import Problem, Severity, UserError, Where
from app.model.ontology import Layer, Ontology
from app.service.check.changes import problems
from app.service.check.comment import comment, marker
from app.service.check.diff import diff
from app.service.check.outcome import Outcome, State, impossible
from app.service.check.run import CHECKS, Check, Checked, run
from app.service.check.subject import Subject, Wanted
from app.service.diff import Comparison

HOSTILE = "`x` | </details> @team [a](b) ``` <script> <!-- datamind -->\n\n/approve #1"


def change(name: str, kind: Kind = Kind.MEANING, **more: object) -> Change:
    return replace_change(Change(kind, Action.CHANGED, f"metric.{name}", f"metric `{name}`: `filter` is changed"), **more)


def replace_change(one: Change, **more: object) -> Change:
    from msgspec.structs import replace as changed

    return changed(one, **more)


def compared(*changes: Change) -> Comparison:
    layer = Layer(Ontology("shop"))
    ordered = tuple(sorted(changes, key=lambda one: one.kind.rank))
    return Comparison("main", DiffReport("1", "2", ordered), (layer, layer))


class Sided(Subject):
    """A subject that was compared already."""

    def __init__(self, comparison: Comparison, **wanted: object) -> None:
        super().__init__(None, Wanted(**wanted))  # type: ignore[arg-type] # neither side is read
        self.__dict__["comparison"] = comparison


def written(*changes: Change, **wanted: object) -> str:
    return comment(Checked((diff(Sided(compared(*changes), **wanted)),)))


def test_a_huge_change_fits_and_says_what_is_left_out() -> None:
    text = written(*(change(f"metric_{number:05}", before="x" * 300, after="y" * 300) for number in range(3000)))
    assert 55_000 < len(text) < 65_536
    assert "entries are left out: the report is longer than a comment may be." in text
    assert text.count("<details") == text.count("</details>")
    assert text.startswith("<!-- datamind --><!-- . -->\n### ✅ Semantic layer: nothing stops this change\n")


def test_no_text_of_a_project_breaks_out() -> None:
    text = written(
        change(
            "a", message=HOSTILE, before=HOSTILE, after=HOSTILE, hint=HOSTILE, touches=Touched(("m",), (HOSTILE,), (HOSTILE,), (HOSTILE,))
        ),
        change("b", Kind.BREAKING, message=HOSTILE, security=Direction.LOOSENED, where=Where("models/a`|b.yml", 3)),
        folder="a|b",
    )
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inline = [child for token in tokens if token.type == "inline" for child in token.children or []]
    html = [t.content for t in (*tokens, *inline) if t.type in ("html_block", "html_inline")]
    allowed = ("<!-- datamind --><!-- . -->", "<details><summary>", "</details>", "<b>", "</b>", "</summary>", "<br>")
    assert [one for one in html if not one.strip().startswith(allowed)] == []
    assert not any("<script" in one or "@team" in one for one in html)
    assert not any("@team" in one.content for one in inline if one.type == "text")
    assert [one for one in inline if one.type == "link_open"] == []
    assert not any(line.startswith("/") for line in text.splitlines())
    assert text.count("\n| ") - text.count("\n| --- ") == sum(token.type == "tr_open" for token in tokens), "each row is one of a table"


def test_each_project_has_its_own_line() -> None:
    assert marker("") == "<!-- datamind --><!-- . -->"
    assert marker("a --> b") == "<!-- datamind --><!-- a - - b -->"
    assert not marker("shop").startswith(marker(""))


def test_the_gravest_is_an_error_and_the_rest_are_told() -> None:
    found = compared(change("a", Kind.BREAKING), change("b"), change("c", Kind.ADDITIVE), change("d", Kind.COSMETIC))
    assert [(one.code, one.severity) for one in problems(found, None, never=False)] == [
        ("DM2373", Severity.ERROR),
        ("DM2374", Severity.WARNING),
    ]
    assert [one.severity for one in problems(found, Kind.MEANING, never=False)] == [Severity.ERROR, Severity.ERROR]
    assert [one.severity for one in problems(found, None, never=True)] == [Severity.WARNING, Severity.WARNING]


def test_what_may_be_seen_besides_is_told_whatever_its_class() -> None:
    loosened = change("a", Kind.ADDITIVE, security=Direction.UNCLEAR)
    assert [(one.code, one.message.split(":")[0]) for one in problems(compared(loosened), None, never=False)] == [("DM2375", "unclear")]


@pytest.mark.parametrize(("never", "fails"), [(False, True), (True, False)])
def test_what_is_found_may_be_told_only(never: bool, fails: bool) -> None:
    found = Outcome("validate", "1 error", [Found(None, Problem("DM2402", "no measure"))])
    assert (found.state, Checked((found,), never).fails) == (State.FAILED, fails)


def test_what_nobody_knows_fails_in_any_case() -> None:
    lost = impossible("diff", UserError(Problem("DM2371", "the clone is too shallow", Severity.WARNING)))
    assert (lost.state, Checked((lost,), never=True).fails) == (State.FAILED, True)
    assert "- DM2371: the clone is too shallow" in comment(Checked((lost,)))


def test_a_check_more_is_an_entry_more() -> None:
    """One that raises is an outcome; one that needs it is skipped; one that was not asked for is left out."""

    def broken(_subject: Subject) -> Outcome:
        raise UserError(Problem("DM2370", "no"))

    def fine(_subject: Subject) -> Outcome:
        return Outcome("fine", "well")

    checks = (Check("broken", broken), Check("later", fine, needs=("broken",)), Check("not asked", lambda _: None), Check("fine", fine))
    done = run(Sided(compared()), checks)
    assert [(one.check, one.state) for one in done.outcomes] == [("broken", "failed"), ("later", "skipped"), ("fine", "passed")]
    assert [check.name for check in CHECKS] == ["parse", "validate", "diff", "policies", "access", "numbers", "questions"]
    assert replace(done, never=True).fails
