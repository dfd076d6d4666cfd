"""Settings → the dbt project that they name."""

from __future__ import annotations

from app.adapters.dbt.folder import DbtFolder
from app.settings import Settings


def project_of(settings: Settings) -> DbtFolder:
    """The dbt project that the settings name, with where each engine's target writes its artifacts, and the variables given beside it."""
    given = {"postgres": settings.postgres_target_path, "clickhouse": settings.clickhouse_target_path}
    return DbtFolder(settings.dbt_project_path, {name: given.get(name) for name in settings.engines}, settings.dbt_vars)
