"""`datamind policy check` and `test`: what people see, and whether it is what was meant."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import As, Attribute, Json, ProfilesDir, ProjectDir, Target, Vars

if TYPE_CHECKING:
    from app.service.policy_sight import ColumnSight, ModelSight
    from app.service.policy_tests import Tested


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("check")(check)
    group.command("test")(run_tests)


def check(
    models: Annotated[list[str] | None, typer.Argument(help="The models; none: all that the policies say something of.")] = None,
    role: As = "analyst",
    attributes: Attribute = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="A group that they are in; may be repeated.")] = None,
    user: Annotated[str, typer.Option("--user", help="Their e-mail address or id.")] = "",
    served: Annotated[bool, typer.Option("--served", help="Look at the published layer, not at the project's folder.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a kind of person sees of models, and which policies from where say so.

    Example: datamind policy check dim_customers --as analyst --attr region=DACH
    """
    from app.adapters.embedded.stack import Part
    from app.cli.asker import parse_attributes, role_named
    from app.cli.session import session
    from app.cli.show import show_problems
    from app.model.principal import Principal
    from app.service.policy_body import sight_body
    from app.service.policy_sight import check_policies
    from app.service.present import to_json

    who = Principal(user, user, role_named(role), "", tuple(sorted(groups or ())), parse_attributes(attributes or ()))
    with session((Part.STORE,), local_layer=not served) as found:
        sights = check_policies(found.deps, found.caller, who, models or ())
        show_problems(found.deps.serving.governed()[2])
    if as_json:
        sys.stdout.write(to_json([sight_body(one) for one in sights]).decode() + "\n")
        return
    told = [one for one in sights if models or _says(one)]
    sys.stdout.write("\n".join(line for one in told for line in _lines(one)) + "\n")


def run_tests(
    files: Annotated[list[Path], typer.Argument(help="Files of expectations, or folders of them.")],
    served: Annotated[
        bool, typer.Option("--served", help="On the published layer with the policies of the store; else on the project alone.")
    ] = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
    junit: Annotated[Path | None, typer.Option("--junit", help="Write the outcome to this file as JUnit XML too.")] = None,
    as_json: Json = False,
) -> None:
    """Test what people see against files of expectations; exits with 1 where one is not met.

    Example: datamind policy test policy_tests
    """
    from app.adapters.policy_files import read_files
    from app.cli.policy_session import store_session
    from app.service.policy_tests import read_suite, run_suite
    from app.service.present import to_json

    suites = [(file, read_suite(text, file)) for file, text in read_files(files)]
    if served:
        with store_session() as found:
            done = [one for file, cases in suites for one in run_suite(found.deps.serving, cases, file)]
    else:
        from app.cli.project import compiled
        from app.service.serving import serving_of

        serving = serving_of(compiled(project_dir, profiles_dir, target, variables).layer)
        done = [one for file, cases in suites for one in run_suite(serving, cases, file)]
    if junit is not None:
        from app.adapters.whole_files import write_whole
        from app.cli.formats.as_junit import as_junit

        write_whole(junit, as_junit(done).encode())
    sys.stdout.write(to_json([one.body() for one in done]).decode() + "\n" if as_json else _outcome(done))
    if any(one.wrong for one in done):
        raise typer.Exit(1)


def _outcome(done: list[Tested]) -> str:
    from app.cli.manners import manners
    from app.cli.terminal import clean, coloured

    colours = manners().colours(sys.stdout)
    lines = []
    for number, one in enumerate(done, 1):
        state = coloured("FAIL", "31", colours) if one.wrong else coloured("PASS", "32", colours)
        lines.append(f"{number} of {len(done)} {state} {clean(one.name)}")
        lines += [f"  {clean(wrong)}" for wrong in one.wrong]
    failed = sum(bool(one.wrong) for one in done)
    return "\n".join([*lines, "", f"Done. PASS={len(done) - failed} FAIL={failed} TOTAL={len(done)}"]) + "\n"


def _says(sight: ModelSight) -> bool:
    return bool(not sight.readable or sight.policies or any(column.policies for column in sight.columns))


def _lines(sight: ModelSight) -> list[str]:
    from app.service.policy_sight import limits_said

    limits = ", ".join(limits_said(sight.limits))
    lines = [sight.model, f"  rows      {sight.rows if sight.readable else 'none: not readable'}"]
    lines += [f"  limits    {limits}"] if limits else []
    lines += [f"  by        {one.name} ({one.source}): {one.does}" for one in sight.policies]
    width = max((len(column.name) for column in sight.columns), default=0)
    lines += [f"  column    {column.name:<{width}}  {_column(column)}" for column in sight.columns]
    return [*lines, ""]


def _column(column: ColumnSight) -> str:
    size = f"aggregated over at least {column.min_group_size}" if column.min_group_size else ""
    how = f"masked by {column.mask.kind}" if column.mask else "" if size else str(column.shown)
    how = ", ".join(filter(None, (how, size)))
    by = ", ".join(f"{one.name} ({one.source})" for one in column.policies)
    return f"{how}{f'  by {by}' if by else ''}"
