"""Where a command's project is, found out in a second process while this one loads what reads it: the settings take as long to load as the compiler."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.adapters.beside import beside

if TYPE_CHECKING:
    from app.adapters.dbt.present import PresentFolder


class Place(msgspec.Struct, frozen=True):
    """A project's folder, where each engine's target writes (None: where it does by default), and the variables given beside its files."""

    path: str
    targets: dict[str, str | None]
    variables: dict[str, Any]

    def folder(self) -> PresentFolder:
        """What is there."""
        from app.adapters.dbt.present import PresentFolder

        targets = {engine: None if target is None else Path(target) for engine, target in self.targets.items()}
        return PresentFolder(Path(self.path), targets, self.variables)


def find_place(project_dir: Path | None, profiles_dir: Path | None, target: str, variables: str) -> Callable[[], Place]:
    """Start to look under the options of a command; what is returned waits for the place. It raises as `app.cli.project.settings_under`."""

    def look() -> Place:
        from app.cli.project import settings_under
        from app.wiring.project import targets_of

        settings = settings_under(project_dir, profiles_dir, target, variables)
        targets = {engine: None if folder is None else str(folder) for engine, folder in targets_of(settings).items()}
        return Place(str(settings.dbt_project_path), targets, settings.dbt_vars)

    return beside(look, _encoded, _DECODER.decode)


_DECODER = msgspec.msgpack.Decoder(Place)


def _encoded(place: Place) -> bytes:
    """As bytes. Raises ValueError where a variable would come back as something else, such as a date: then the place is looked for here."""
    data = msgspec.msgpack.encode(place)
    if _DECODER.decode(data) != place:
        raise ValueError
    return data
