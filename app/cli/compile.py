"""`datamind compile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compile")(compile_project)


def compile_project(
    out: Annotated[Path, typer.Option("--out", help="The folder that takes the compiled files.")] = Path("ontology"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 where the folder is out of date.")] = False,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Compile dbt's artifacts into the semantic layer and write `ontology/`.

    Example: datamind compile --check
    """
    from app.cli.project import compiled as compiled_project
    from app.cli.show import note, show_problems
    from app.cli.tree import difference, write_tree
    from app.service.present import to_json

    compiled = compiled_project(project_dir, profiles_dir, target, variables, of_each_engine=True)
    tree = compiled.tree()
    changed = difference(out, tree)
    if not check and not compiled.has_errors:
        write_tree(out, tree)
    ontology = compiled.layer.ontology
    counts = {"models": len(ontology.models), "semantic_models": len(ontology.semantic_models), "metrics": len(ontology.listed_metrics)}
    if as_json:
        body = {"layer_version": compiled.layer.version, **counts, "changed": changed, "problems": compiled.problems}
        sys.stdout.write(to_json(body).decode() + "\n")
    else:
        show_problems(compiled.problems)
        said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        state = (
            "out of date: " + ", ".join(changed) if check and changed else "up to date" if not changed else f"{len(changed)} files written"
        )
        if compiled.has_errors and not check:
            state = "nothing written, the project has errors"
        note(f"layer {compiled.layer.version}: {said}; {out}/ {state}")
    if compiled.has_errors or (check and changed):
        raise typer.Exit(1)
