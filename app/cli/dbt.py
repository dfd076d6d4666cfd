"""`datamind dbt run|test|build|docs|freshness`: dbt here and now, after which answers know of its results; `datamind dbt runs`: what was run."""

from __future__ import annotations

import datetime as dt
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complete import targets
from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, Vars
from app.service.dbt_commands import COMMANDS, DbtRequest

if TYPE_CHECKING:
    from app.ports import Cancel
    from app.service.dbt_runs import DbtReport

RunTarget = Annotated[
    str,
    typer.Option(
        "--target",
        "-t",
        help="The target of the profile to work on; else the profile's default.",
        envvar="DBT_TARGET",
        autocompletion=targets,
    ),
]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", "-f", help="Build incremental models and seeds anew.")]
FailFast = Annotated[bool, typer.Option("--fail-fast", "-x", help="Stop at the first failure.")]
Wait = Annotated[bool, typer.Option("--wait", help="Where dbt runs on the target already, wait for it.")]

EXIT_CODES = {"succeeded": 0, "failed": 1, "broken": 2}
"""dbt's: 1 where nodes or tests failed, 2 where dbt itself did."""

HELP = {
    "run": """Build models.

    Example: datamind dbt run --select +fct_orders
    """,
    "test": """Run the tests. Answers that stand on a model whose test failed say so from then on.

    Example: datamind dbt test --select fct_orders --target postgres
    """,
    "build": """Build and test seeds, snapshots and models.

    Example: datamind dbt build --target clickhouse --full-refresh
    """,
    "docs": """Write the catalog (`dbt docs generate`), from which the layer takes columns, types and row counts.

    Example: datamind dbt docs --target postgres
    """,
    "freshness": """Look how fresh the sources are (`dbt source freshness`). Answers that stand on a stale one say so from then on.

    Example: datamind dbt freshness --select source:shop
    """,
}
"""What `--help` says of each command of dbt."""

dbt = typer.Typer(help="Run dbt on the project, one run at a time for each target, and read its results back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(dbt, name="dbt")


def _add(name: str) -> None:
    """Add a command of dbt, with the options that it takes."""

    def run(
        select: Select = None,
        exclude: Exclude = None,
        selector: Selector = "",
        full_refresh: FullRefresh = False,
        fail_fast: FailFast = False,
        wait: Wait = False,
        as_json: Json = False,
        target: RunTarget = "",
        project_dir: ProjectDir = None,
        profiles_dir: ProfilesDir = None,
        variables: Vars = "",
    ) -> None:
        request = DbtRequest(name, target, tuple(select or ()), tuple(exclude or ()), selector, full_refresh, fail_fast)
        _do(request, project_dir, profiles_dir, variables, wait=wait, as_json=as_json)

    command, signature = COMMANDS[name], inspect.signature(run, eval_str=True)
    taken = {"full_refresh": command.full_refresh, "fail_fast": command.fail_fast}
    kept = [parameter for parameter in signature.parameters.values() if taken.get(parameter.name, True)]
    run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]  # inspect looks for it, mypy doesn't
    run.__doc__ = HELP[name]
    dbt.command(name)(run)


for _name in COMMANDS:
    _add(_name)


@dbt.command()
def runs(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most this many, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the runs of dbt, newest first: who ran what on which target, and how it ended.

    Example: datamind dbt runs --limit 5
    """
    from app.adapters.embedded.stack import Part
    from app.cli.listing import Cell, show_list
    from app.cli.session import session
    from app.service.dbt_runs import list_runs, run_body
    from app.service.present import to_json

    with session((Part.STORE,)) as found:
        shown = list_runs(found.deps, limit=limit)
    if as_json:
        sys.stdout.write(to_json([run_body(one) for one in shown]).decode() + "\n")
        return
    head = ["id", "command", "target", "selection", "by", "started (UTC)", "ended (UTC)", "status"]
    rows: list[list[Cell]] = [
        [one.id, one.command, one.target, one.selection, one.requested_by, _time(one.started_at), _time(one.ended_at), one.status]
        for one in shown
    ]
    show_list(head, rows, as_json=False)


def _time(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else ""


def _do(request: DbtRequest, project_dir: Path | None, profiles_dir: Path | None, variables: str, *, wait: bool, as_json: bool) -> None:
    """Run it, and exit with dbt's status."""
    from msgspec.structs import replace

    from app.cli.project import read_vars, settings_under
    from app.cli.session import ASKING, session
    from app.cli.show import note, show_problems
    from app.ports import Cancel
    from app.service.dbt_runs import run_dbt
    from app.service.present import to_json

    cancel = Cancel()
    if variables:
        request = replace(request, variables=read_vars(variables))
    with session(ASKING, settings=settings_under(project_dir, profiles_dir)) as found, _interruptible(cancel):
        report = run_dbt(found.deps, found.caller, request, _note_line if as_json else _say_line, cancel=cancel, wait=wait)
    show_problems(report.problems)
    if as_json:
        sys.stdout.write(to_json(report).decode() + "\n")
    else:
        note(_summary(report, variables=bool(variables)))
    raise typer.Exit(EXIT_CODES[report.status])


def _summary(report: DbtReport, *, variables: bool) -> str:
    """What came of it, and who knows of it now."""
    total = sum(report.counts.values())
    results = f"{total - len(report.not_passed)} of {total} results passed" if total else "no results"
    known = (
        f"answers on {report.engine} know of them"
        if report.recorded
        else "it ran with variables of its own, and answers know nothing of them"
        if variables
        else f"answers do not come from the target {report.target}, and know nothing of them"
    )
    return f"dbt {report.command} on {report.target} {report.status} after {report.seconds:.1f} s: {results}" + (
        f"; {known}" if total else ""
    )


def _say_line(line: str) -> None:
    """A line of dbt's on standard output, as dbt itself writes it."""
    from app.cli.manners import manners
    from app.cli.terminal import clean

    if not manners().quiet:
        sys.stdout.write(clean(line) + "\n")
        sys.stdout.flush()


def _note_line(line: str) -> None:
    """A line of dbt's beside the result."""
    from app.cli.show import progress

    progress(line)


@contextmanager
def _interruptible(cancel: Cancel) -> Iterator[None]:
    """Ctrl-C cancels the run, so that dbt takes back what it runs in the warehouse; a second one ends at once."""
    import signal

    from app.errors import UserError

    before = signal.getsignal(signal.SIGINT)

    def interrupted(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        cancel.cancel()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    except UserError:
        if cancel.cancelled:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
