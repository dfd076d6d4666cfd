"""Drafts and exports on disk: new files replace none unasked, and files that people wrote are changed only where something was put in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.adapters.dbt.written import write_yaml
from app.adapters.whole_files import write_whole
from app.errors import Problem, UserError, Where


def read_text(path: Path) -> str:
    """What a file says; what is not UTF-8 in it is replaced. Raises UserError DM2354 where it can't be read."""
    try:
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise _unwritable(path, error) from error


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UserError DM2354 where it is, or can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(_problem(path, "is there already", "name another file, or move that one away")) from None
    except OSError as error:
        raise _unwritable(path, error) from error


def write_over(path: Path, before: str, text: str) -> None:
    """Replace a file whose text is still `before`, keeping its kind of line ends. Raises UserError DM2354 where it is another by now, is not UTF-8, has
    line ends of several kinds, or can't be written."""
    try:
        if write_yaml(path, before, text):
            return
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(_problem(path, "is not UTF-8", "save it as UTF-8")) from None
    except OSError as error:
        raise _unwritable(path, error) from error
    raise UserError(
        _problem(path, "was changed meanwhile, or its lines end in several ways", "save it with one kind of line ends, and try again")
    )


def write_files(folder: Path, files: Mapping[str, str], *, force: bool) -> list[Path]:
    """Write these files into the folder; their paths. Raises UserError DM2354 before anything is written with every file that is there, says something
    else and is not to be replaced (`force`), and for one that can't be written."""
    paths = {folder / name: text.encode() for name, text in files.items()}
    try:
        there = [path for path, content in paths.items() if not force and path.exists() and path.read_bytes() != content]
    except OSError as error:
        raise _unwritable(folder, error) from error
    if there:
        raise UserError(*(_problem(path, "is there, and says something else", "give --force to replace it") for path in there))
    for path, content in paths.items():
        try:
            write_whole(path, content)
        except OSError as error:
            raise _unwritable(path, error) from error
    return list(paths)


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(_problem(path, f"can't be written: {error.strerror}"))


def _problem(path: Path, what: str, hint: str = "") -> Problem:
    return Problem("DM2354", f"{path} {what}", where=Where(str(path)), hint=hint)
