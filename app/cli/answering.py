"""How `ask`, `query` and `sql` print the end of a turn, whole or stopped at a stage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.answers import show_answer, show_no_answer
from app.cli.console import err
from app.cli.csv_rows import write_csv
from app.cli.output_file import write_file
from app.cli.show import note, show_problems, show_text
from app.errors import Problem, UserError
from app.govern.explain import policies_applied
from app.pipeline.run import STAGE_NAMES
from app.pipeline.turn import Turn
from app.plan.text import plan_text
from app.service.exports.recorded import exported
from app.service.present import answer as as_object
from app.service.present import to_json
from app.service.sql import is_answer

if TYPE_CHECKING:
    from app.cli.session import Session

STAGE_ALIASES = {"plan": "generate", "sql": "optimize"}
EXPLAINABLE = STAGE_NAMES[:5]


def stage_named(name: str) -> str:
    """The stage at which to stop, "explain" for none. Raises UserError DM1031 for a name that is no stage."""
    if not name:
        return "explain"
    stage = STAGE_ALIASES.get(name, name)
    if stage not in EXPLAINABLE:
        raise UserError(
            Problem("DM1031", f"there is no stage `{name}` to explain", hint=f"stages: {', '.join((*EXPLAINABLE, *STAGE_ALIASES))}")
        )
    return stage


def finish(
    found: Session,
    turn: Turn,
    *,
    explain: str = "",
    as_json: bool = False,
    csv: str = "",
    output: Path | None = None,
    decimals: int | None = None,
) -> None:
    """Print the turn. A refusal or a question back exits with 1, as an answer was not given. `csv` is the file that the rows go to,
    "-" for standard output: that they are written is recorded before. JSON and CSV have all the digits there are.
    `output` is a file that the whole answer goes to, beside what is printed."""
    answered = is_answer(turn)
    if as_json:
        body = (
            as_object(turn.answer) if turn.answer else {"query_id": turn.query_id, "stage": explain, "output": stage_output(turn, explain)}
        )
        sys.stdout.write(to_json(body).decode() + "\n")
    elif turn.answer is None:
        show_text(stage_output(turn, explain))
    elif csv and turn.answer.result is not None:
        show_problems([problem for problem in turn.problems if answered])
        with exported(found.deps, found.caller, turn, "csv"):
            write_csv(turn.answer.result, csv, decimals=decimals)
    elif csv:
        show_no_answer(err(), turn.answer)
    else:
        show_problems([problem for problem in turn.problems if answered])
        show_answer(turn.answer, decimals=decimals)
    if not answered:
        raise typer.Exit(1)
    if output is not None and turn.answer is not None:
        write_file(found, turn, output)


def stage_output(turn: Turn, stage: str) -> str:
    """What a stage made, as text."""
    if stage == "interpret" and turn.query is not None:
        return to_json(turn.query).decode()
    if stage in ("generate", "validate") and turn.plan is not None:
        return plan_text(turn.plan)
    if stage == "sanitize" and turn.governed is not None:
        if turn.principal.is_admin:
            return turn.governed.text
        if policies_applied(turn.governed.models, turn.served.access):
            note("policies are applied to it for this role; what they add is shown to admins only")
    return turn.sql.text if turn.sql else turn.written_sql
