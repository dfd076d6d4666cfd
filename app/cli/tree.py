"""A tree of generated files on disk: what differs, and how it is written so that nothing is left half-done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.errors import Problem, UserError, Where


def difference(folder: Path, tree: Mapping[str, str]) -> list[str]:
    """The relative paths whose content on disk is not what `tree` holds, files that should not be there included."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()
    wrong = {path for path, text in tree.items() if path not in there or (folder / path).read_bytes() != text.encode()}
    return sorted(wrong | (there - set(tree)))


def write_tree(folder: Path, tree: Mapping[str, str]) -> None:
    """Make the folder hold these files and no others that were generated before; each file is replaced whole.

    Raises UserError DM1040 where the folder holds files that are not ours, or can't be written.
    """
    strangers = [path for path in difference(folder, tree) if path not in tree and not path.endswith((".yaml", ".yml"))]
    if strangers:
        raise UserError(
            Problem(
                "DM1040",
                f"{folder} holds files that were not generated: {', '.join(strangers[:5])}",
                where=Where(str(folder)),
                hint="choose another --out",
            )
        )
    try:
        for path, text in tree.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(target.name + ".new")
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        for path in difference(folder, tree):
            (folder / path).unlink()
    except OSError as error:
        raise UserError(Problem("DM1040", f"{folder} can't be written: {error.strerror}", where=Where(str(folder)))) from error
