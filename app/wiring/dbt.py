"""Settings and servers → dbt on the project, with all that it must not say."""

from __future__ import annotations

from functools import cache
from urllib.parse import unquote, urlsplit

from app.adapters.dbt.commands import DbtCommands
from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.warm import WarmDbt
from app.settings import Settings
from app.wiring.models import llm_secrets
from app.wiring.quality import quality_targets
from app.wiring.servers import Servers


@cache
def warm_dbt() -> WarmDbt:
    """The one dbt of this process."""
    return WarmDbt()


def dbt_of(settings: Settings, servers: Servers, folder: DbtFolder) -> DbtCommands:
    """dbt on the settings' project. Nothing starts before the first command."""
    kept = quality_targets(settings)
    return DbtCommands(
        settings.dbt_project_path,
        settings.dbt_profiles_dir,
        folder,
        {engine: target if target != engine else "" for engine, target in kept.items()},
        warm_dbt(),
        environment=servers.dbt_environment(),
        secrets=_secrets(settings, servers),
        variables=settings.dbt_vars,
    )


def _secrets(settings: Settings, servers: Servers) -> tuple[str, ...]:
    """The passwords of every server, the key that signs tokens, and those of language models."""
    urls = (servers.store, servers.redis, *servers.engines.values(), *servers.owners.values())
    passwords = {unquote(urlsplit(url).password or "") for url in urls if url}
    if settings.secret_key is not None:
        passwords.add(settings.secret_key.get_secret_value())
    passwords |= set(llm_secrets(settings))
    return tuple(sorted(filter(None, passwords)))
