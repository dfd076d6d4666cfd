"""Settings → the dbt project that they name."""

from __future__ import annotations

from pathlib import Path

from app.adapters.dbt.checkout import Follows
from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.present import PresentFolder
from app.settings import Settings


def project_of(settings: Settings) -> DbtFolder:
    """The dbt project that the settings name, with where each engine's target writes its artifacts, and the variables given beside it."""
    follows = Follows(settings.dbt_git_remote, settings.dbt_git_branch) if settings.dbt_git_remote else None
    return DbtFolder(settings.dbt_project_path, targets_of(settings), settings.dbt_vars, follows, parses=settings.dbt_parse)


def present_project_of(settings: Settings) -> PresentFolder:
    """The same, of what is there: an engine whose target was never parsed is not asked for."""
    return PresentFolder(settings.dbt_project_path, targets_of(settings), settings.dbt_vars)


def targets_of(settings: Settings) -> dict[str, Path | None]:
    """Each engine in use, with the path of its target where the settings give one."""
    given = {"postgres": settings.postgres_target_path, "clickhouse": settings.clickhouse_target_path}
    return {name: given.get(name) for name in settings.engines}
