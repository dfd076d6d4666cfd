"""What a shell offers after TAB: names of the project's metrics, dimensions, saved queries and targets.

They are read from dbt's manifest as it is, without compiling it and without any server: a shell waits for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.cli.names import Names

Offer = list[tuple[str, str]]
_STAGES = ("interpret", "generate", "plan", "validate", "optimize", "sql", "sanitize")


def metric_names(ctx: typer.Context, incomplete: str) -> Offer:
    """The metrics, after those that stand before the last comma."""
    return _after_comma(incomplete, ((metric.name, metric.about) for metric in _names(ctx).listed()))


def dimension_names(ctx: typer.Context, incomplete: str) -> Offer:
    """Every dimension by its dunder name, metric_time too."""
    return _matching(incomplete, _names(ctx).dimensions())


def group_by_items(ctx: typer.Context, incomplete: str) -> Offer:
    """The dimensions, those of time with each grain, after those that stand before the last comma."""
    return _after_comma(incomplete, _names(ctx).items())


def saved_query_names(ctx: typer.Context, incomplete: str) -> Offer:
    """The saved queries."""
    return _matching(incomplete, ((query.name, query.about) for query in _names(ctx).saved_queries.values()))


def segment_names(ctx: typer.Context, incomplete: str) -> Offer:
    """The segments of all semantic models."""
    return _matching(incomplete, _names(ctx).segments())


def templates(incomplete: str) -> Offer:
    """The templates of metrics."""
    from app.compile.drafts.templates.fill import TEMPLATES

    return _matching(incomplete, ((name, (made.__doc__ or "").partition("\n")[0]) for name, made in TEMPLATES.items()))


def schema_names(incomplete: str) -> Offer:
    """The schemas that `datamind schema` prints."""
    from app.cli.schema import every

    return _matching(incomplete, ((name, made["title"]) for name, made in every().items()))


def stages(incomplete: str) -> list[str]:
    """The stages that `--explain` names."""
    return [name for name in _STAGES if name.startswith(incomplete)]


def engines(incomplete: str) -> list[str]:
    """The engines that `--source` names."""
    return [name for name in ("postgres", "clickhouse") if name.startswith(incomplete)]


def roles(incomplete: str) -> list[str]:
    """The roles."""
    return [name for name in ("viewer", "analyst", "admin") if name.startswith(incomplete)]


def targets(ctx: typer.Context, incomplete: str) -> list[str]:
    """The outputs of the project's profile, and the folders of `target/` that hold artifacts."""
    project = _project(ctx)
    found = {path.parent.name for path in (project / "target").glob("*/manifest.json")}
    try:
        from app.adapters.dbt.discover import read_profile

        found |= set(read_profile(project, ctx.params.get("profiles_dir")).outputs)
    except Exception:  # noqa: S110 - a shell is told nothing where there is nothing to tell
        pass
    return sorted(name for name in found if name.startswith(incomplete))


def _names(ctx: typer.Context) -> Names:
    """The names in the project's manifest: of the target that is named, else of the first that there is. None where there is no manifest."""
    from app.cli.names import Names, read_names

    project = _project(ctx)
    aim = ctx.params.get("target") or os.environ.get("DBT_TARGET", "")
    places = [project / "target" / aim] if aim else []
    places += [*sorted((project / "target").glob("*/")), project / "target"]
    try:
        found = [path for place in places if (path := place / "manifest.json").is_file()]
        return read_names(found[0]) if found else Names()
    except Exception:
        return Names()


def _project(ctx: typer.Context) -> Path:
    """The dbt project, found as a command finds it but without reading all settings."""
    given = ctx.params.get("project_dir")
    if given:
        return Path(given)
    for name in ("DATAMIND_DBT_PROJECT_PATH", "DBT_PROJECT_PATH", "DBT_PROJECT_DIR"):
        if os.environ.get(name):
            return Path(os.environ[name])
    here = Path.cwd()
    file = here / "datamind.toml"
    if file.is_file():
        import tomllib

        try:
            named = tomllib.loads(file.read_text(encoding="utf-8")).get("dbt_project_path")
        except (OSError, ValueError):
            named = None
        if isinstance(named, str):
            return Path(named)
    folders = (here / "dbt_project", here, *here.parents)
    return next((folder for folder in folders if (folder / "dbt_project.yml").is_file()), folders[0])


def _matching(incomplete: str, names: Iterable[tuple[str, str]]) -> Offer:
    return sorted((name, about) for name, about in names if name.startswith(incomplete))


def _after_comma(incomplete: str, names: Iterable[tuple[str, str]]) -> Offer:
    before, comma, last = incomplete.rpartition(",")
    taken = set(before.split(","))
    return [(before + comma + name, about) for name, about in _matching(last, names) if name not in taken]
