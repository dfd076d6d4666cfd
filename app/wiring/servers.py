"""Where each server is: named by URL, found running, or started for as long as it is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from app.adapters.dbt.discover import profile_url
from app.adapters.embedded.stack import Part, Stack, attach, start
from app.errors import Problem, UserError
from app.settings import Settings
from app.wiring.data_dir import made

PROFILE = "profile:"


@dataclass(frozen=True, slots=True)
class Servers:
    """The URLs in use. `engines` are the warehouse engines by name as the gateway reaches them; `owners` as dbt does (embedded ones only)."""

    store: str = field(default="", repr=False)
    redis: str = field(default="", repr=False)
    engines: Mapping[str, str] = field(default_factory=dict, repr=False)
    owners: Mapping[str, str] = field(default_factory=dict, repr=False)
    memory_mb: Callable[[], float] = lambda: 0.0

    def environment(self) -> dict[str, str]:
        """The variables with which another process of ours finds the same servers."""
        found = {"DATAMIND_STORE_URL": self.store, "DATAMIND_REDIS_URL": self.redis}
        found |= {f"DATAMIND_{name.upper()}_URL": url for name, url in self.engines.items()}
        return {name: url for name, url in found.items() if url}

    def dbt_environment(self) -> dict[str, str]:
        """The variables that the demo project's profiles.yml reads: each embedded warehouse as its owner."""
        found: dict[str, str] = {}
        for name, url in self.owners.items():
            parts = urlsplit(url)
            stem = f"DATAMIND_DBT_{name.upper()}"
            found |= {
                f"{stem}_HOST": parts.hostname or "",
                f"{stem}_PORT": str(parts.port),
                f"{stem}_USER": unquote(parts.username or ""),
                f"{stem}_PASSWORD": unquote(parts.password or ""),
                f"{stem}_DATABASE": parts.path.lstrip("/"),
            }
        return found


@contextmanager
def servers(settings: Settings, need: Collection[Part], *, progress: Callable[[str], None]) -> Iterator[Servers]:
    """The servers of `need` (warehouse engines that the settings leave out are not needed). What no URL names is embedded: that of a stack
    which runs on the data directory, else one that is started here and stopped at the end of the block.

    Raises UserError DM11xx where the embedded stack can't be had, DM1010 where a running one lacks a part.
    """
    named = {part: resolved(settings, url) for part, url in named_urls(settings).items()}
    wanted = unnamed(settings, need)
    if not wanted:
        yield _servers(settings, named, {}, {}, lambda: 0.0)
        return
    directory = made(settings.data_dir)
    running = attach(directory)
    if running is not None:
        lacking = [part for part in wanted if part not in running.urls]
        if lacking:
            raise UserError(
                Problem(
                    "DM1010",
                    f"the stack that runs on {directory} has no {', '.join(part.label for part in lacking)}",
                    hint=f"stop it (pid {running.launcher}), or name that server by URL",
                )
            )
        yield _servers(settings, named, running.urls, running.owner_urls, running.memory_mb)
        return
    stack: Stack = start(wanted, directory, progress=progress)
    with stack:
        yield _servers(settings, named, stack.urls, stack.owner_urls, stack.memory_mb)


def named_urls(settings: Settings) -> dict[Part, SecretStr]:
    """The servers that the settings name, each by its URL or by `profile:TARGET`."""
    given = {
        Part.STORE: settings.store_url,
        Part.POSTGRES: settings.postgres_url,
        Part.CLICKHOUSE: settings.clickhouse_url,
        Part.REDIS: settings.redis_url,
    }
    return {part: url for part, url in given.items() if url is not None}


def unnamed(settings: Settings, need: Collection[Part]) -> list[Part]:
    """What of `need` the settings neither name nor, of engines, leave out."""
    named = named_urls(settings)
    return [part for part in need if part not in named and (part in (Part.STORE, Part.REDIS) or part.value in settings.engines)]


def never_built(settings: Settings, need: Collection[Part]) -> list[Part]:
    """The warehouses of `need` that are embedded and in which nothing can be: no stack runs on the data directory, and none ever did with them."""
    directory = settings.data_dir.absolute()
    empty = [part for part in unnamed(settings, need) if part in (Part.POSTGRES, Part.CLICKHOUSE) and not (directory / part).exists()]
    return empty if empty and attach(directory) is None else []


def resolved(settings: Settings, url: SecretStr) -> str:
    """The URL itself; for `profile:TARGET` that of the dbt profile's output. Raises UserError DM1020 to DM1023 where there is none."""
    text = url.get_secret_value()
    if not text.startswith(PROFILE):
        return text
    return profile_url(settings.dbt_project_path, settings.dbt_profiles_dir, text.removeprefix(PROFILE))


def _servers(
    settings: Settings,
    named: Mapping[Part, str],
    embedded: Mapping[Part, str],
    owners: Mapping[Part, str],
    memory_mb: Callable[[], float],
) -> Servers:
    """Named and embedded servers together: a named one wins."""
    urls = {**embedded, **named}
    return Servers(
        store=urls.get(Part.STORE, ""),
        redis=urls.get(Part.REDIS, ""),
        engines={name: urls[Part(name)] for name in settings.engines if Part(name) in urls},
        owners={part.value: url for part, url in owners.items() if part not in named},
        memory_mb=memory_mb,
    )
