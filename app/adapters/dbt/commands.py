"""dbt's commands on the project that is served (`app.service.project.Dbt`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.dbt.artifacts import read_target
from app.adapters.dbt.discover import Profile, find_profiles, profile_secrets, read_profile
from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.parse import PARSE, check_parsed
from app.adapters.dbt.runner import DbtCall, DbtRun
from app.adapters.dbt.targets import ENGINES
from app.adapters.dbt.warm import WarmDbt
from app.compile.artifacts import TargetArtifacts
from app.compile.selection.problems import SELECTORS_FILE
from app.errors import Problem, UserError, Where, did_you_mean
from app.model.secrets import secret_variables
from app.ports import Cancel, DbtOutcome, DbtTarget


class DbtCommands:
    """dbt in the project at `path`, whose artifacts `folder` reads.

    `engines` are those in use, each with the target of the profile from which the settings take it, "" where they name it otherwise: then the output of
    the engine's name is meant, else the default one, else the only one of its adapter. `environment` is what profiles.yml reads besides, `secrets` are
    the credentials that may be in what dbt says, and `variables` are given to every command.
    """

    def __init__(
        self,
        path: Path,
        profiles_dir: Path | None,
        folder: DbtFolder,
        engines: Mapping[str, str],
        dbt: WarmDbt,
        *,
        environment: Mapping[str, str],
        secrets: Collection[str],
        variables: Mapping[str, Any],
    ) -> None:
        self._path = path.absolute()
        self._profiles_dir = profiles_dir
        self._folder = folder
        self._engines = dict(engines)
        self._dbt = dbt
        self._environment = dict(environment)
        self._secrets = tuple(secrets)
        self._variables = dict(variables)

    def target(self, name: str) -> DbtTarget:
        """The target of that name; "" for the profile's default, or where that is of no engine in use, that of the first engine.

        Raises UserError DM1020 to DM1022 where there is none, DM1023 where it is of no engine in use.
        """
        profile = read_profile(self._path, self._profiles_dir, self._environ())
        if not name:
            default = profile.outputs.get(profile.target)
            name = (
                profile.target
                if default is not None and default.adapter in self._engines
                else self._served(next(iter(self._engines)), profile)
            )
        output = profile.outputs.get(name)
        if output is None:
            hint = did_you_mean(name, profile.outputs) or f"it has: {', '.join(sorted(profile.outputs)) or 'none'}"
            raise UserError(
                Problem("DM1020", f"the dbt profile `{profile.name}` has no output `{name}`", where=Where(str(profile.file)), hint=hint)
            )
        if output.adapter not in self._engines:
            why = "an engine that is not in use" if output.adapter in ENGINES else "no engine here"
            message = f"the output `{name}` uses the adapter {output.adapter}, which is {why}"
            raise UserError(Problem("DM1023", message, where=Where(str(profile.file)), hint=f"engines in use: {', '.join(self._engines)}"))
        return DbtTarget(name, output.adapter, served=name == self._served(output.adapter, profile))

    def serving(self, engine: str) -> DbtTarget:
        """The target from which the engine answers. Raises UserError DM1020 to DM1023 where nobody can tell."""
        profile = read_profile(self._path, self._profiles_dir, self._environ())
        return self.target(self._served(engine, profile) or engine)

    def run(
        self, target: DbtTarget, command: Sequence[str], variables: Mapping[str, Any], tell: Callable[[str], None], cancel: Cancel
    ) -> DbtOutcome:
        """Run a command in the warm process. Raises UserError DM2060 or DM8066, InternalError DM2061."""
        ran = self._run(target, command, variables, tell, cancel)
        return DbtOutcome(ran.success, ran.broken, ran.seconds)

    def parse(self, target: DbtTarget, variables: Mapping[str, Any], cancel: Cancel) -> None:
        """Write the target's manifests anew, in the warm process. Raises UserError DM2370 with files and lines, and as `run`."""
        ran = self._run(target, PARSE, variables, lambda _line: None, cancel)
        check_parsed(ran, self._path, self._target_path(target))

    def _run(
        self, target: DbtTarget, command: Sequence[str], variables: Mapping[str, Any], tell: Callable[[str], None], cancel: Cancel
    ) -> DbtRun:
        environ = self._environ()
        call = DbtCall(
            command,
            self._path,
            find_profiles(self._path, self._profiles_dir, environ).parent,
            target.name,
            self._target_path(target),
            env=self._environment,
            variables={**self._variables, **variables},
            secrets=(
                *self._secrets,
                *(text for _, text in secret_variables(self._variables)),
                *profile_secrets(self._path, self._profiles_dir, environ),
            ),
        )
        return self._dbt.run(call, tell, cancel)

    def artifacts(self, target: DbtTarget) -> TargetArtifacts:
        """What the target's commands wrote. Raises UserError DM2001, DM2004 or DM2010."""
        return read_target(target.engine, self._target_path(target), self._path)

    def selectors(self) -> str:
        """The text of selectors.yml, "" where there is none."""
        path = self._path / SELECTORS_FILE
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def _target_path(self, target: DbtTarget) -> Path:
        """The engine's own for the target that it answers from; any other has a folder of its name, where none is served from that."""
        if target.served:
            return self._folder.target_path(target.engine)
        own = self._path / "target" / target.name
        taken = target.apart or any(own == self._folder.target_path(engine) for engine in self._engines)
        return self._path / "target" / "apart" / target.name if taken else own

    def _served(self, engine: str, profile: Profile) -> str:
        """The target from which the engine answers, "" where nobody can tell."""
        named = self._engines.get(engine, "")
        if named:
            return named
        of_engine = [name for name, output in profile.outputs.items() if output.adapter == engine]
        preferred = [name for name in (engine, profile.target) if name in of_engine]
        return preferred[0] if preferred else of_engine[0] if len(of_engine) == 1 else ""

    def _environ(self) -> dict[str, str]:
        return {**os.environ, **self._environment}
