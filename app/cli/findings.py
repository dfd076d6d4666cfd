"""How `init` and `debug` print what they found."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from rich.markup import escape

from app.cli.console import out
from app.cli.show import note
from app.service.checkup import Finding
from app.service.present import to_json

MARKS = {
    "ok": "[green]ok[/green]     ",
    "missing": "[yellow]missing[/yellow]",
    "warning": "[yellow]warning[/yellow]",
    "wrong": "[red]wrong[/red]  ",
}


def show_findings(findings: Sequence[Finding], *, as_json: bool, written: str = "") -> None:
    """Print them; exits with 1 where one is wrong."""
    if as_json:
        sys.stdout.write(to_json({"findings": list(findings), "written": written}).decode() + "\n")
    else:
        if written:
            note(f"wrote {written}")
        for finding in findings:
            out().print(f"{MARKS[finding.state]} {escape(finding.subject)}: {escape(finding.detail)}")
            if finding.hint:
                out().print(f"        [dim]→[/dim] {escape(finding.hint)}")
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)
