"""The nodes that `--select`, `--exclude`, `--selector` and `--state` mean for a command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.state import find_states, read_state
from app.cli.project import settings_under
from app.cli.show import show_problems
from app.compile.selection.definitions import Selectors, read_selectors
from app.compile.selection.evaluate import Selected, evaluate
from app.compile.selection.nodes import Nodes, read_nodes
from app.compile.selection.parse import parse
from app.compile.selection.problems import SELECTORS_FILE, no_manifest
from app.model.ontology import Ontology
from app.settings import Settings
from app.wiring.project import present_project_of


def selected(
    settings: Settings,
    select: Sequence[str] | None,
    exclude: Sequence[str] | None,
    selector: str,
    state: Path | None,
    *,
    by_default: bool = False,
    source: DbtFolder | None = None,
) -> Selected | None:
    """What was selected of `source`, else of the project that the settings name; None where nothing was said, so that everything is meant.
    `by_default` takes the default selector of selectors.yml then, as `dbt ls` does, and everything where there is none.

    What finds nothing is told on standard error. Raises UserError DM2620 to DM2623 for selections, DM2011 for a state without a manifest, and typer.BadParameter
    where a selector is given besides other words.
    """
    if selector and (select or exclude):
        raise typer.BadParameter("a selector stands alone: choose one of --selector and --select", param_hint="--selector")
    if not (select or exclude or selector or by_default):
        if state is not None:
            raise typer.BadParameter("a state is something to select by: give --select state:modified, say", param_hint="--state")
        return None
    if selector:
        selection = _selectors(settings).named(selector)
    elif select or exclude:
        selection = parse(select or (), exclude or ())
    else:
        selectors = _selectors(settings)
        selection = selectors.named(selectors.default) if selectors.default else parse(())
    found = evaluate(selection, *_nodes(settings, state, source or present_project_of(settings)))
    show_problems(found.problems)
    return found


def chosen(
    select: Sequence[str] | None,
    exclude: Sequence[str] | None,
    selector: str,
    state: Path | None,
    project_dir: Path | None,
    profiles_dir: Path | None,
    target: str,
    variables: str,
) -> tuple[Ontology, Selected | None]:
    """The project under the options of a command, compiled, and what of it was selected (None: all of it). Raises as `selected` and `compiled`."""
    from app.service.compile import compile_source

    settings = settings_under(project_dir, profiles_dir, target, variables)
    found = selected(settings, select, exclude, selector, state)
    return compile_source(present_project_of(settings)).layer.ontology, found


def _selectors(settings: Settings) -> Selectors:
    """Those of the project; none where it has no such file."""
    path = settings.dbt_project_path / SELECTORS_FILE
    return read_selectors(path.read_text(encoding="utf-8") if path.is_file() else "")


def _nodes(settings: Settings, state: Path | None, source: DbtFolder) -> tuple[Nodes, Nodes | None]:
    """The nodes of the project as its first engine's target has them, and those of the state."""
    current = source.first()
    nodes = read_nodes(current.manifest)
    if state is None:
        return nodes, None
    folder = find_states((state,), settings.dbt_project_path.absolute())[0]
    before = read_state(folder, (current,))
    if not before:
        raise no_manifest(str(state), current.engine)
    return nodes, read_nodes(before[0].manifest, str(state / "manifest.json"))
