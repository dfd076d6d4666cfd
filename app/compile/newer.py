"""YAML that was changed after dbt wrote its artifacts: what it says now is not what is compiled, and lines may point elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.artifacts import ProjectSources
from app.compile.dbt.manifest import Manifest
from app.compile.locations import declares
from app.compile.naming import place_of, project_file
from app.compile.report import Place, Report


def report_newer(sources: ProjectSources, manifest: Manifest, root: str, report: Report) -> None:
    """Report DM2014 once, at the first such file: one that the manifest is made of, or one beside those that declares something."""
    if not sources.newer:
        return
    known = set(_files(manifest, root))
    folders = {file.partition("/")[0] for file in known if "/" in file}
    found = [
        file
        for file in sorted(sources.newer)
        if file in known or (file.partition("/")[0] in folders and declares(sources.files.get(file, "")))
    ]
    if found:
        more = f" (so were {len(found) - 1} more)" if len(found) > 2 else " (so was one more)" if len(found) == 2 else ""
        message = f"`{found[0]}` was changed after {sources.manifest} was written{more}: what it says now is not in the layer"
        folder = sources.manifest.rpartition("/")[0]
        elsewhere = f" --target-path {folder}` with the --target of that engine" if folder not in ("", "target") else "`"
        report.warning("DM2014", message, Place("", found[0]), f"run `dbt parse{elsewhere}")


def _files(manifest: Manifest, root: str) -> Iterator[str]:
    """The YAML files of the manifest's things."""
    found = {project_file(thing.original_file_path or "", thing.package_name, root) for thing in manifest.metrics.values()}
    found |= {project_file(thing.original_file_path or "", thing.package_name, root) for thing in manifest.semantic_models.values()}
    found |= {place_of(node, root).file for node in manifest.nodes.values()}
    found |= {place_of(source, root).file for source in manifest.sources.values()}
    return (file for file in found if file.endswith((".yml", ".yaml")))
