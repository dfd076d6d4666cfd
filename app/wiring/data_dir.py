"""The data directory: data, logs and generated secrets, which must never end up in somebody's repository."""

from __future__ import annotations

import contextlib
from pathlib import Path

from app.errors import Problem, UserError, Where


def made(directory: Path) -> Path:
    """The directory, absolute, made where it is missing, with a `.gitignore` that keeps all of it out of git.

    Raises UserError DM1060 where it can't be made.
    """
    folder = directory.absolute()
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="ascii") as file:
            file.write("# Data, logs and generated secrets.\n*\n")
    except OSError as error:
        raise UserError(
            Problem(
                "DM1060",
                f"the data directory can't be made: {error.strerror}",
                where=Where(str(folder)),
                hint="set DATAMIND_DATA_DIR to a folder that can be written, or name every server by URL and set DATAMIND_SECRET_KEY",
            )
        ) from error
    return folder
