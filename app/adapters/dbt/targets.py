"""What a dbt target is to us: an engine, and the folder of its artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.adapters.dbt.artifacts import FILES
from app.adapters.dbt.discover import read_profile
from app.adapters.dbt.folder import adapter_of
from app.errors import Problem, UserError, Where, did_you_mean

ENGINES = ("postgres", "clickhouse")
"""The adapters whose warehouses are engines here, under the adapter's own name."""


@dataclass(frozen=True, slots=True)
class TargetFolder:
    """The engine of a target; `folder` is relative to the project, None where the target has no path of its own."""

    engine: str
    folder: Path | None = None


def target_artifacts(project_dir: Path, profiles_dir: Path | None, target: str) -> TargetFolder:
    """Where a target's artifacts lie: in `target/NAME`, if dbt was told to write them there, else where its engine's are.

    A manifest says itself which adapter it was written for, so that no profile is needed where only artifacts are.
    Raises UserError DM1020 where the profile has no such output, DM1021 or DM1022 where it can't be read, DM1023 for an adapter that is no engine here.
    """
    own = Path("target") / target
    adapter = adapter_of(project_dir / own / FILES[0])
    if adapter in ENGINES:
        return TargetFolder(adapter, own)
    profile = read_profile(project_dir, profiles_dir)
    output = profile.outputs.get(target)
    if output is None:
        known = sorted(profile.outputs)
        raise UserError(
            Problem(
                "DM1020",
                f"the dbt profile `{profile.name}` has no output `{target}`",
                where=Where(str(profile.file)),
                hint=did_you_mean(target, known) or f"it has: {', '.join(known) or 'none'}",
            )
        )
    if output.adapter not in ENGINES:
        raise UserError(
            Problem(
                "DM1023",
                f"the output `{target}` uses the adapter {output.adapter}, which is no engine here",
                where=Where(str(profile.file)),
            )
        )
    return TargetFolder(output.adapter)
