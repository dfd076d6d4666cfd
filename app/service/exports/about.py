"""What a file says of itself beside the rows: what was asked, how it was understood, by which definitions, from what, when, and under which policies.

Of policies it says what the answer says, that something is hidden, and to nobody which: files are handed on. So is governed SQL left out, which only admins get."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from app.errors import Severity
from app.language.narrate import HIDDEN
from app.model.answer import Answer, Definition, PartRole, Source, Standing
from app.service.exports.formats import Asked

_ROLES = {
    PartRole.PERIOD: "Period",
    PartRole.GROUP: "Groups",
    PartRole.FILTER: "Filter",
    PartRole.HAVING: "Only with",
    PartRole.TOP: "First groups",
    PartRole.ORDER: "Order",
    PartRole.LIMIT: "Limit",
}
_TESTS = {Standing.PASSED: "passed", Standing.WARNED: "warned", Standing.FAILED: "failed"}
_FRESH = {Standing.PASSED: "fresh", Standing.WARNED: "growing stale", Standing.FAILED: "stale"}

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and names with what is said of each."""

    title: str
    rows: tuple[Row, ...]


def for_a_file(answer: Answer) -> Answer:
    """The answer as it may lie in a file that is handed on: without what only admins are told of policies."""
    return msgspec.structs.replace(answer, governed_sql="", policies=())


def about(asked: Asked) -> tuple[Section, ...]:
    """All of it, in the order in which it is read; a section without rows is left out."""
    answer = asked.answer
    found = [
        Section("Question", tuple(_question(answer))),
        *(Section(f"Definition: {one.label or one.metric}", tuple(_definition(one))) for one in answer.definitions),
        Section("Data", tuple(_data(asked))),
        *(Section(f"Source: {one.label}", tuple(_source(one))) for one in answer.sources),
        Section("Notices", tuple(notices(answer))),
        Section("To be named when asking about it", tuple(_ids(asked))),
    ]
    return tuple(one for one in found if one.rows)


def notices(answer: Answer) -> Iterator[Row]:
    """What whoever reads the rows must know: that some are hidden, that there are more, and all warnings."""
    yield "Policies", HIDDEN if answer.policies_applied else "none hides anything of this from who asked"
    if answer.result is not None and answer.result.truncated:
        yield "Rows", f"only the first {answer.result.row_count:,} are here, there are more"
    for problem in answer.problems:
        if problem.severity is not Severity.ERROR:
            yield f"{'Warning' if problem.severity is Severity.WARNING else 'Remark'} {problem.code}", problem.message


def moment(time: dt.datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _question(answer: Answer) -> Iterator[Row]:
    if answer.question:
        yield "Asked", answer.question
    if answer.restated:
        yield "Understood as", answer.restated
    if answer.text:
        yield "Answer", answer.text
    if answer.question and answer.confidence:
        yield "Confidence", f"{answer.confidence:.2f}"
    for part in answer.parts:
        if part.role in _ROLES and part.value is not None:
            yield _ROLES[part.role], part.text
    if not any(part.role is PartRole.PERIOD and part.value is not None for part in answer.parts):
        yield "Period", "all of the time of which there is data"


def _definition(found: Definition) -> Iterator[Row]:
    told = (
        ("Column", found.metric),
        ("Formula", found.formula),
        ("Description", found.description),
        ("Kind", found.type),
        ("Unit", found.unit),
        ("Format", found.format),
        ("Owner", found.owner),
        ("Defined in", found.file),
    )
    yield from (row for row in told if row[1])


def _data(asked: Asked) -> Iterator[Row]:
    answer, result = asked.answer, asked.answer.result
    yield "Answered at", moment(asked.at)
    yield "Time zone of periods", asked.timezone
    if any(column.type.value == "timestamp" for column in (result.columns if result else ())):
        yield "Timestamps", "in UTC"
    if result is not None:
        yield "Rows", f"{result.row_count:,}"
    yield "Engine", f"{answer.engine}, because {answer.engine_reason}" if answer.engine_reason else answer.engine
    yield "Layer", answer.layer_version


def _source(found: Source) -> Iterator[Row]:
    if found.file:
        yield "File", found.file
    if found.built_at is not None:
        yield "Built at", moment(found.built_at)
    if found.tests in _TESTS:
        yield "Tests", f"{_TESTS[found.tests]} ({found.passed_tests} passed, {found.failed_tests} failed)"
    if found.freshness in _FRESH:
        yield "Freshness of its sources", _FRESH[found.freshness]
    if found.loaded_at is not None:
        yield "Newest row of its sources", moment(found.loaded_at)


def _ids(asked: Asked) -> Iterator[Row]:
    yield "Query", asked.answer.query_id
    if asked.correlation_id:
        yield "Correlation id", asked.correlation_id
