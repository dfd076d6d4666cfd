"""`datamind suggest`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.service.suggest import Suggested


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("suggest")(suggest)


def suggest(
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write a new file of the project, a time spine that it lacks beside it; else standard output."),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option(
            "--merge", help="For dbt 1.12 and later: put the drafts into the entries of their models; --out takes what has no entry."
        ),
    ] = False,
    dbt_version: Annotated[
        str,
        typer.Option("--dbt-version", help="Write what this version of dbt parses, such as 1.11; else the one that wrote the manifest."),
    ] = "",
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Draft semantic YAML for models that no semantic model covers, with what speaks for each guess; what is not certain is commented out.

    Example: datamind suggest --select fct_orders --out models/semantic/drafted.yml
    """
    from app.cli.project import settings_under
    from app.cli.selecting import selected
    from app.cli.show import note, show_problems, show_text
    from app.service.present import to_json
    from app.service.suggest import suggest_source
    from app.wiring.project import present_project_of

    settings = settings_under(project_dir, profiles_dir, target, variables)
    chosen = selected(settings, select, exclude, selector, state)
    found = suggest_source(present_project_of(settings), chosen.ids if chosen else None, dbt_version)
    notes = found.suggestion.notes if select else ()
    if merge and not found.suggestion.form.inside_models:
        raise typer.BadParameter(f"dbt {found.suggestion.form} has semantic models of their own: give --out", param_hint="--merge")
    files = _write(found, settings.dbt_project_path, out, merge=merge) if merge or out else []
    if as_json:
        drafted = {"dbt_version": str(found.suggestion.form), "models": [draft.model.name for draft in found.suggestion.drafts]}
        written = {"yaml": found.suggestion.yaml, "time_spine": found.suggestion.spine, "files": files, "problems": notes}
        sys.stdout.write(to_json(drafted | written).decode() + "\n")
        return
    show_problems(notes)
    for file in files:
        note(f"wrote {file}")
    if not files:
        show_text(found.suggestion.yaml.rstrip("\n"))
        if found.suggestion.spine:
            show_text("\n# The time spine's model, metricflow_time_spine.sql:\n#")
            show_text("\n".join(f"#   {line}".rstrip() for line in found.suggestion.spine.splitlines()))
    elif out and found.suggestion.form.inside_models and not merge:
        note("dbt takes one entry a model: move what belongs to models that are described elsewhere, or use --merge")


def _write(found: Suggested, project: Path, out: Path | None, *, merge: bool) -> list[str]:
    """Write what was drafted; the files, as they are called in messages."""
    from app.cli.drafted import write_new, write_over
    from app.compile.drafts.spine import NAME

    rest = out or project / "models" / "drafted.yml"
    texts = found.suggestion.merged(found.files, "") if merge else {"": found.suggestion.yaml}
    new = texts.pop("", "")
    written = []
    if new:
        write_new(rest, new)
        written.append(str(rest))
    if found.suggestion.spine:
        spine = rest.with_name(f"{NAME}.sql")
        write_new(spine, found.suggestion.spine)
        written.append(str(spine))
    for path, text in texts.items():
        write_over(project / path, found.files[path], text)
        written.append(str(project / path))
    return written
