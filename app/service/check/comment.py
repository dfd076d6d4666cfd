"""The comment on a pull request: the verdict, the checks, and what each has to show. There is one for each project, found again by its first line."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.markdown.escape import prose
from app.compile.markdown.sections import Section, fitted
from app.service.check.outcome import Outcome, State
from app.service.check.run import Checked

_MARKS = {State.PASSED: "✅", State.FAILED: "❌", State.SKIPPED: "➖"}


def marker(folder: str) -> str:
    """The hidden line by which the comment of a project is known. `folder` is the project's, as it is called from the repository's root."""
    return f"<!-- datamind --><!-- {folder.replace('--', '- -').replace('>', '') or '.'} -->"


def comment(checked: Checked, folder: str = "") -> str:
    """The comment, short enough for GitHub."""
    head = Section([marker(folder), *_head(checked, folder)])
    sections = [section for outcome in checked.outcomes for section in (*_why(outcome), *outcome.sections)]
    folded = [section for outcome in checked.outcomes for section in outcome.folded]
    return fitted([head, *sections, *folded], rest="`datamind check` prints all of it.")


def _head(checked: Checked, folder: str) -> Iterator[str]:
    project = f" of {prose(folder)}" if folder else ""
    said = "this change is stopped" if checked.fails else "nothing stops this change"
    yield f"### {'❌' if checked.fails else '✅'} Semantic layer{project}: {said}"
    yield ""
    yield "| check | | |"
    yield "| --- | --- | --- |"
    for outcome in checked.outcomes:
        yield f"| {outcome.check} | {_MARKS[outcome.state]} {outcome.state} | {prose(outcome.said, in_cell=True)} |"
    yield ""


def _why(outcome: Outcome) -> Iterator[Section]:
    """Why a check could not be made."""
    if outcome.impossible:
        lines = [[f"- {one.problem.code}: {prose(one.problem.message)}"] for one in outcome.found]
        yield Section([f"#### Why `{outcome.check}` could not be made", ""], lines, [""])
