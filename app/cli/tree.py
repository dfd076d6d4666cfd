"""A tree of generated files on disk: what differs, and how it is written so that nothing is left half-done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.adapters.whole_files import write_whole
from app.errors import Problem, UserError, Where

GENERATED = b"compiled by `datamind compile`"
"""What the head of every generated file says (`app/compile/emit/tree.py`); a file without it is somebody's work, and stays."""
_HEAD_BYTES = 4096


def difference(folder: Path, tree: Mapping[str, str]) -> list[str]:
    """The relative paths whose content on disk is not what `tree` holds, files that should not be there included."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()
    wrong = {path for path, text in tree.items() if path not in there or (folder / path).read_bytes() != text.encode()}
    return sorted(wrong | (there - set(tree)))


def write_tree(folder: Path, tree: Mapping[str, str]) -> None:
    """Make the folder hold these files and no others that were generated before; each file is replaced whole, and what a killed process leaves
    beside it bears our header too.

    Raises UserError DM1040 where the folder holds files that are not ours, or can't be written; nothing is changed where any file is not ours.
    """
    changed = difference(folder, tree)
    try:
        strangers = [path for path in changed if (folder / path).exists() and not _generated(folder / path)]
        if strangers:
            raise UserError(
                Problem(
                    "DM1040",
                    f"{folder} holds files that were not generated: {', '.join(strangers[:5])}",
                    where=Where(str(folder)),
                    hint="choose another --out, or move them away",
                )
            )
        for path in changed:
            if path in tree:
                write_whole(folder / path, tree[path].encode())
            else:
                (folder / path).unlink()
    except OSError as error:
        raise UserError(Problem("DM1040", f"{folder} can't be written: {error.strerror}", where=Where(str(folder)))) from error


def _generated(path: Path) -> bool:
    """Whether the file bears our header; it need not be on the first line, so that a merge conflict can be compiled away."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return GENERATED in file.read(_HEAD_BYTES)
