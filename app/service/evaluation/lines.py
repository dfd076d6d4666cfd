"""A file of golden questions → questions: all that is wrong with it is told at once, each at its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from app.errors import Problem, UserError, Where, did_you_mean
from app.model.invalid import said_and_path
from app.service.evaluation.question import Kind, Question

_BYTE = re.compile(r" \(byte (\d+)\)")
_NEEDED = ("id", "question", "kind")
_HINT = "docs/eval.md shows the form of a line"


def read_questions(content: bytes, file: str) -> tuple[Question, ...]:
    """The questions of a file, in order; blank lines count as none. Raises UserError DM6050 with a Problem for each line that is none."""
    found: list[Question] = []
    problems: list[Problem] = []
    ids: dict[str, int] = {}
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            question = _question(line, number)
        except _Wrong as wrong:
            problems.append(_problem(wrong, file, number))
            continue
        first = ids.setdefault(question.id, number)
        if first != number:
            problems.append(_problem(_Wrong(f"the id `{question.id}` stands in line {first} already", path="id"), file, number))
        problems += [_problem(wrong, file, number) for wrong in _faults(question)]
        found.append(question)
    if not found and not problems:
        problems.append(Problem("DM6050", "there are no questions in this file", where=Where(file), hint=_HINT))
    if problems:
        raise UserError(*problems)
    return tuple(found)


@dataclass
class _Wrong(Exception):
    """Why a line is no question, and where in it."""

    message: str
    column: int = 0
    path: str = ""
    hint: str = _HINT


def _problem(wrong: _Wrong, file: str, number: int) -> Problem:
    return Problem(
        "DM6050", f"not a golden question: {wrong.message}", where=Where(file, number, wrong.column, wrong.path), hint=wrong.hint
    )


def _question(line: bytes, number: int) -> Question:
    try:
        value: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error)
        byte = _BYTE.search(text)
        raise _Wrong(f"it is no JSON: {_BYTE.sub('', text)}", column=int(byte[1]) + 1 if byte else 0) from None
    if not isinstance(value, dict):
        raise _Wrong("it is no JSON object")
    lacking = [name for name in _NEEDED if not isinstance(value.get(name), str) or not value[name].strip()]
    if lacking:
        raise _Wrong(f"`{lacking[0]}` is missing, or no text", path=lacking[0])
    if value["kind"] not in set(Kind):
        hint = did_you_mean(value["kind"], Kind) or f"kinds: {', '.join(Kind)}"
        raise _Wrong(f"there is no kind `{value['kind'][:40]}`", path="kind", hint=hint)
    try:
        said = {name: one for name, one in value.items() if one is not None} | {"line": number}
        question = msgspec.convert(said, Question)
    except (msgspec.ValidationError, OverflowError) as error:
        message, path = said_and_path(error)
        raise _Wrong(message, path=path) from None
    return question if question.category else msgspec.structs.replace(question, category=str(question.kind))


def _faults(question: Question) -> Iterator[_Wrong]:
    """What is wrong with a question that can be read."""
    for gold in question.golds:
        wide = {len(row) for row in gold.rows} | ({len(gold.columns)} if gold.columns else set())
        if len(wide) > 1:
            yield _Wrong("its rows are not all as wide as its columns", path="rows")
    if question.kind is Kind.ANSWERABLE and not question.golds:
        yield _Wrong(
            "nothing says what the right answer is", hint="give a gold query (`metrics` …), gold `rows` with their `columns`, or both"
        )
    for gold in question.golds:
        if gold.compare is not None and not gold.has_rows and not gold.calculations:
            yield _Wrong(
                "what is compared is not told by a query", path="compare", hint="give the `rows` that are right, or `calculations`"
            )
