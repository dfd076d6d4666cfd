"""From where a process takes what dbt's runs said, and under which names it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from app.model.quality import Quality
from app.ports import QualityStore
from app.service.project import ProjectSource
from app.service.quality import NewestQuality, readings
from app.settings import Settings
from app.wiring.servers import PROFILE


def quality_targets(settings: Settings) -> dict[str, str]:
    """The name under which the results of each engine are kept: the profile's target from which the settings take the engine, else the engine's own name."""
    urls = {name: getattr(settings, f"{name}_url") for name in settings.engines}
    texts = {name: url.get_secret_value() if url is not None else "" for name, url in urls.items()}
    return {name: text.removeprefix(PROFILE) if text.startswith(PROFILE) else name for name, text in texts.items()}


def stored(store: QualityStore, project_id: str, targets: Mapping[str, str]) -> NewestQuality:
    """Those of the store; the key is their revision."""

    def newest(held: str) -> tuple[str, Quality] | None:
        revision = str(store.revision(project_id))
        if revision == held:
            return None
        return revision, Quality.of({engine: store.results(project_id, target) for engine, target in targets.items()})

    return newest


def with_folder(kept: NewestQuality, project: ProjectSource) -> NewestQuality:
    """Those of the store, and what the artifacts in the project's folder say besides: `dbt test` at a prompt counts for the next question there, and for
    nobody else until it is synced."""

    def newest(held: str) -> tuple[str, Quality] | None:
        fingerprint = project.fingerprint()
        before, _, files = held.partition(" ")
        if files and files == fingerprint and kept(before) is None:
            return None
        found = kept("")
        revision, quality = found if found is not None else ("", Quality())
        if not fingerprint:
            return f"{revision} ", quality
        return f"{revision} {fingerprint}", quality.with_newer(readings(project.read()[0])[0])

    return newest
