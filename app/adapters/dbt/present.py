"""A project's folder as it lies there: what has been parsed of it is read, and what has not is not asked for."""

from __future__ import annotations

from collections.abc import Sequence

from app.adapters.dbt.artifacts import FILES, changed_since, read_target, read_yaml, shown
from app.adapters.dbt.folder import DbtFolder
from app.compile.artifacts import ProjectSources, TargetArtifacts


class PresentFolder(DbtFolder):
    """Of the engines those whose target has a manifest. Where none has, `target/manifest.json` whatever adapter it is of, under the first engine's
    name: what is wrong with a project can be said without an engine that runs it. dbt_project.yml may be missing beside a manifest."""

    def unparsed(self) -> tuple[tuple[str, str], ...]:
        """The engines whose target has no manifest, each with where it would be."""
        folders = self._folders().items()
        return tuple((engine, shown(folder / FILES[0], self._path)) for engine, folder in folders if not (folder / FILES[0]).exists())

    def first(self) -> TargetArtifacts:
        """The artifacts of the first engine that has some. Raises as `read`."""
        return self.read()[0][0]

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        """As that of a DbtFolder. Raises UserError DM1022, DM2001, DM2004 or DM2010."""
        folders = {engine: folder for engine, folder in self._folders().items() if (folder / FILES[0]).exists()}
        common = self._path / "target"
        if not folders and (common / FILES[0]).exists():
            folders = {next(iter(self._targets), "postgres"): common}
        if not folders:
            return super().read()
        targets = tuple(read_target(engine, folder, self._path) for engine, folder in folders.items())
        files = read_yaml(self._path)
        manifest = next(iter(folders.values())) / FILES[0]
        return targets, ProjectSources(files, self._variables, changed_since(files, self._path, manifest), shown(manifest, self._path))
