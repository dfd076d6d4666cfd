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
    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 140)


def err() -> Console:
    """Standard error, for progress and Problems."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


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
        place = f"{escape(str(problem.where))} " if problem.where and str(problem.where) else ""
        console.print(f"{place}[{colour}]{problem.severity}[/{colour}] [bold]{problem.code}[/bold] {escape(problem.message)}")
        for line in _excerpt(problem):
            console.print(line, markup=False)
        if problem.hint:
            console.print(f"  [dim]→[/dim] {escape(problem.hint)}")


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


def show_result(result: Result, *, title: str = "") -> None:
    """The rows as a table."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in result.columns:
        table.add_column(escape(column.name), justify="right" if column.type.is_numeric else "left")
    for row in result.rows():
        table.add_row(*("" if value is None else escape(_cell(value)) for value in row))
    out().print(table)
    if result.truncated:
        out().print(f"[yellow]only the first {result.row_count} rows are shown[/yellow]")


def _cell(value: object) -> str:
    """A value as text: numbers with thousands separated, the rest as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, Decimal):
        return f"{value:,}"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def write_csv(result: Result) -> None:
    """The rows as CSV on standard output (RFC 4180, with a header); that they were cut is said on standard error."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.name for column in result.columns])
    writer.writerows(result.rows())
    if result.truncated:
        err().print(f"only the first {result.row_count} rows are written")


def show_answer(answer: Answer) -> None:
    """The whole answer: rows, what was understood, the definition, the SQL, the engine and why, whether policies applied, and the times."""
    console = out()
    if answer.outcome is not Outcome.ANSWER:
        console.print(f"[yellow]{escape(answer.text)}[/yellow]")
        for number, choice in enumerate(answer.choices, 1):
            console.print(f"  {number}. {escape(choice.text)}")
        if answer.nearest:
            console.print("what can be answered: " + escape(", ".join(answer.nearest)))
        return
    if answer.restated:
        console.print(f"[bold]{escape(answer.restated)}[/bold]  [dim](confidence {answer.confidence:.2f})[/dim]")
    if answer.result is not None:
        show_result(answer.result)
    if answer.text:
        console.print(escape(answer.text))
    for definition in answer.definitions:
        owner = f", owner {definition.owner}" if definition.owner else ""
        label = escape(definition.label or definition.metric)
        console.print(
            f"[bold]{label}[/bold] = {escape(definition.formula)}  [dim]({definition.type}; {escape(definition.file)}{owner})[/dim]"
        )
        if definition.description:
            console.print(f"  [dim]{escape(definition.description)}[/dim]")
    console.print(f"\n[dim]-- SQL on {answer.engine}[/dim]")
    console.print(answer.sql, markup=False)
    if answer.governed_sql:
        console.print("\n[dim]-- as it ran, with policy in it (admins only)[/dim]")
        console.print(answer.governed_sql, markup=False)
    console.print(f"\nengine: {answer.engine}, because {escape(answer.engine_reason)}")
    named = f" ({escape(', '.join(answer.policies))})" if answer.policies else ""
    console.print(f"policies: {'applied' + named if answer.policies_applied else 'none applied to you'}")
    console.print("stages: " + " · ".join(f"{stage.stage} {stage.ms:.1f} ms" for stage in answer.stages))
    console.print(f"[dim]layer {answer.layer_version} · {answer.query_id}[/dim]")
