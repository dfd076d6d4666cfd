"""Which dbt project a command works on: the settings, under `--project-dir`, `--profiles-dir`, `--target` and `--vars`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from app.adapters.dbt.discover import PROJECT_FILE, find_projects
from app.adapters.dbt.targets import target_artifacts
from app.errors import Problem, UserError
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.service.compile import Compiled


def compiled(
    project_dir: Path | None = None,
    profiles_dir: Path | None = None,
    target: str = "",
    variables: str = "",
    *,
    of_each_engine: bool = False,
) -> Compiled:
    """The project under the options of a command, compiled: for commands that need no server. What is published wants artifacts `of_each_engine` in use;
    to read the project those that are there will do.

    Raises UserError DM1001 to DM1032 for settings and options, DM20xx where the artifacts can't be used at all; all else is in its `problems`.
    """
    from app.service.compile import compile_source
    from app.wiring.project import present_project_of, project_of

    settings = settings_under(project_dir, profiles_dir, target, variables)
    return compile_source(project_of(settings) if of_each_engine else present_project_of(settings))


def settings_under(
    project_dir: Path | None = None, profiles_dir: Path | None = None, target: str = "", variables: str = "", **named: Any
) -> Settings:
    """The settings with what the options say besides. Without a project named anywhere, the working directory and its parents are looked at, as
    dbt does. `named` are settings that options of the command give.

    A target leaves one engine in use, that of its adapter, and says where its artifacts are. Where the settings take that engine's address from
    the profile, it is taken from this target's output; an engine named by URL stays where it is.

    Raises UserError DM1001 for wrong settings, DM1020 to DM1023 for a target that can't be had, DM1032 for variables that are no mapping.
    """
    given: dict[str, Any] = dict(named)
    if project_dir is not None:
        given["dbt_project_path"] = project_dir
    if profiles_dir is not None:
        given["dbt_profiles_dir"] = profiles_dir
    settings = _found(load_settings(**given))
    if variables:
        settings = settings.model_copy(update={"dbt_vars": settings.dbt_vars | read_vars(variables)})
    return _aimed(settings, target) if target else settings


def read_vars(text: str) -> dict[str, Any]:
    """The variables that `--vars` gives, a YAML mapping as dbt has it. Raises UserError DM1032 where it is none."""
    from app.compile.yaml_load import NotYaml, load_yaml

    try:
        found = load_yaml(text)
    except NotYaml:
        found = None
    if not isinstance(found, dict):
        raise UserError(Problem("DM1032", "`--vars` is not a YAML mapping", hint="for example --vars '{datamind_default_access: deny}'"))
    return {str(name): value for name, value in found.items()}


def _found(settings: Settings) -> Settings:
    """With the project where dbt would find it, if nobody named one and the default place has none."""
    if "dbt_project_path" in settings.model_fields_set or (settings.dbt_project_path / PROJECT_FILE).is_file():
        return settings
    here = Path.cwd()
    near = [folder for folder in find_projects(here) if folder in (here, *here.parents)]
    return settings.model_copy(update={"dbt_project_path": near[0]}) if near else settings


def _aimed(settings: Settings, target: str) -> Settings:
    """With that target of the profile alone."""
    from app.wiring.servers import PROFILE

    found = target_artifacts(settings.dbt_project_path, settings.dbt_profiles_dir, target)
    url = getattr(settings, f"{found.engine}_url")
    update: dict[str, Any] = {"engines": (found.engine,)}
    if found.folder is not None:
        update[f"{found.engine}_target_path"] = found.folder
    if url is not None and url.get_secret_value().startswith(PROFILE):
        update[f"{found.engine}_url"] = SecretStr(f"{PROFILE}{target}")
    return settings.model_copy(update=update)
