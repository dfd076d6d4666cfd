"""How results and Problems look to a person, and to a program."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.errors import Problem, Severity
from app.model.answer import Answer, Outcome
from app.model.result import Result
from app.service.present import to_json

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal could take for a command; data comes from anywhere."""

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def out() -> Console:
    """Standard output, for results. Off a terminal, lines are not cut at 80 columns."""
    return Console(highlight=False, emoji=False, soft_wrap=False, width=None if sys.stdout.isatty() else 140)


def err() -> Console:
    """Standard error, for progress and Problems."""
    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def shown(text: str) -> str:
    """A text of others as part of a line with markup: nothing in it is markup, or a command to the terminal."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


def progress(line: str) -> None:
    """One line of progress."""
    err().print(f"[dim]·[/dim] {escape(line)}")


def problems_as_json(problems: Sequence[Problem]) -> str:
    """The Problems as one JSON object."""
    return to_json({"problems": list(problems)}).decode()


def show_problems(problems: Sequence[Problem]) -> None:
    """Each Problem on a line, with the line of the file that it points at and a caret."""
    console = err()
    for problem in problems:
        colour = COLOURS[problem.severity]
        place = f"{shown(str(problem.where))} " if problem.where and str(problem.where) else ""
        console.print(f"{place}[{colour}]{problem.severity}[/{colour}] [bold]{problem.code}[/bold] {shown(problem.message)}")
        for line in _excerpt(problem):
            console.print(shown(line))
        if problem.hint:
            console.print(f"  [dim]→[/dim] {shown(problem.hint)}")


def _excerpt(problem: Problem) -> list[str]:
    """The line that a Problem points at, with a caret below the column; nothing where the file can't be read."""
    where = problem.where
    if where is None or not where.file or not where.line:
        return []
    try:
        lines = Path(where.file).read_text(encoding="utf-8").splitlines()
        text = lines[where.line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return []
    margin = f"  {where.line} | "
    return [margin + text, *([" " * (len(margin) + where.column - 1) + "^"] if where.column else [])]


def show_text(text: str) -> None:
    """SQL or a plan on standard output, line by line as it is: a terminal may wrap it, nothing else does."""
    if sys.stdout.isatty():
        text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    sys.stdout.write(text + "\n")


def show_result(result: Result, *, title: str = "", decimals: int | None = None) -> None:
    """The rows as a table, numbers rounded to `decimals` places where that is given."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in result.columns:
        table.add_column(escape(column.name), justify="right" if column.type.is_numeric else "left")
    for row in result.rows():
        table.add_row(*("" if value is None else escape(_cell(value, decimals)) for value in row))
    out().print(table)
    if result.truncated:
        out().print(f"[yellow]only the first {result.row_count} rows are shown[/yellow]")


def _cell(value: object, decimals: int | None = None) -> str:
    """A value as text: numbers with thousands separated, the rest as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if decimals is not None and isinstance(value, float | Decimal):
        return f"{value:,.{decimals}f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, Decimal):
        return f"{value:,}"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def write_csv(result: Result, *, decimals: int | None = None) -> None:
    """The rows as CSV on standard output (RFC 4180, with a header), numbers rounded to `decimals` places where that is given.

    That the rows were cut is said on standard error.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.name for column in result.columns])
    writer.writerows(_rounded(row, decimals) for row in result.rows())
    if result.truncated:
        err().print(f"only the first {result.row_count} rows are written")


def _rounded(row: Sequence[object], decimals: int | None) -> Sequence[object]:
    """The row with its numbers rounded, as text; as it is without `decimals`."""
    if decimals is None:
        return row
    return [f"{value:.{decimals}f}" if isinstance(value, float | Decimal) else value for value in row]


def show_answer(answer: Answer, *, decimals: int | None = None) -> None:
    """The whole answer: rows, what was understood, the definition, the SQL, the engine and why, whether policies applied, and the times."""
    console = out()
    if answer.outcome is not Outcome.ANSWER:
        console.print(f"[yellow]{shown(answer.text)}[/yellow]")
        for number, choice in enumerate(answer.choices, 1):
            console.print(f"  {number}. {shown(choice.text)}")
        if answer.nearest:
            console.print("what can be answered: " + shown(", ".join(answer.nearest)))
        return
    if answer.restated:
        console.print(f"[bold]{shown(answer.restated)}[/bold]  [dim](confidence {answer.confidence:.2f})[/dim]")
    if answer.result is not None:
        show_result(answer.result, decimals=decimals)
    if answer.text:
        console.print(shown(answer.text))
    for definition in answer.definitions:
        owner = f", owner {shown(definition.owner)}" if definition.owner else ""
        label = shown(definition.label or definition.metric)
        console.print(
            f"[bold]{label}[/bold] = {shown(definition.formula)}  [dim]({definition.type}; {shown(definition.file)}{owner})[/dim]"
        )
        if definition.description:
            console.print(f"  [dim]{shown(definition.description)}[/dim]")
    console.print(f"\n[dim]-- SQL on {answer.engine}[/dim]")
    show_text(answer.sql)
    if answer.governed_sql:
        console.print("\n[dim]-- as it ran, with policy in it (admins only)[/dim]")
        show_text(answer.governed_sql)
    console.print(f"\nengine: {answer.engine}, because {shown(answer.engine_reason)}")
    named = f" ({shown(', '.join(answer.policies))})" if answer.policies else ""
    console.print(f"policies: {'applied' + named if answer.policies_applied else 'none applied to you'}")
    console.print("stages: " + " · ".join(f"{stage.stage} {stage.ms:.1f} ms" for stage in answer.stages))
    console.print(f"[dim]layer {answer.layer_version} · {answer.query_id}[/dim]")
