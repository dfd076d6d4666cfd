"""`datamind compile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compile")(compile_project)


def compile_project(
    out: Annotated[Path, typer.Option("--out", help="The folder that takes the compiled files.")] = Path("ontology"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 where the folder is out of date.")] = False,
    project_dir: Annotated[Path | None, typer.Option("--project-dir", help="The dbt project; else the settings say.")] = None,
    as_json: Json = False,
) -> None:
    """Compile dbt's artifacts into the semantic layer and write `ontology/`.

    Example: datamind compile --check
    """
    from app.cli.show import err, show_problems
    from app.cli.tree import difference, write_tree
    from app.service.compile import compile_source
    from app.service.present import to_json
    from app.settings import load_settings
    from app.wiring.deps import project_of

    settings = load_settings(**({"dbt_project_path": project_dir} if project_dir else {}))
    compiled = compile_source(project_of(settings))
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
        err().print(f"layer {compiled.layer.version}: {said}; {out}/ {state}", markup=False)
    if compiled.has_errors or (check and changed):
        raise typer.Exit(1)
