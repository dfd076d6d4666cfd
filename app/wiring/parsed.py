"""A project that nobody parsed yet, parsed for one command."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.dbt.artifacts import FILES
from app.adapters.dbt.discover import read_profile
from app.adapters.dbt.parse import Parsing, parse
from app.adapters.dbt.runner import DbtProcess
from app.adapters.dbt.targets import ENGINES
from app.settings import Settings
from app.wiring.project import present_project_of


@contextmanager
def with_artifacts(settings: Settings, tell: Callable[[str], None]) -> Iterator[Settings]:
    """The settings as they are where an engine in use has a manifest. Where none has, one engine is in use: on `target/manifest.json` of whatever adapter,
    else on what dbt parses into a folder that goes away at the end of the block.

    Raises UserError DM1021 or DM1022 for a profile or project that is not there, DM2370 where dbt can't parse it, DM2060.
    """
    project = settings.dbt_project_path.absolute()
    if len(present_project_of(settings).unparsed()) < len(settings.engines):
        yield settings
    elif (project / "target" / FILES[0]).is_file():
        yield _on(settings, settings.engines[0], project / "target")
    else:
        profile = read_profile(project, settings.dbt_profiles_dir)
        output = profile.outputs.get(profile.target)
        adapter = output.adapter if output is not None else ""
        with tempfile.TemporaryDirectory(prefix="datamind-parsed-") as folder, DbtProcess() as process:
            tell("parsing the project")
            target_path = Path(folder).resolve()
            parsing = Parsing(profile.file.parent, profile.name, profile.target, settings.dbt_vars)
            parse(process, project, parsing, target_path)
            yield _on(settings, adapter if adapter in ENGINES and adapter in settings.engines else settings.engines[0], target_path)


def _on(settings: Settings, engine: str, target_path: Path) -> Settings:
    return settings.model_copy(update={"engines": (engine,), f"{engine}_target_path": target_path})
