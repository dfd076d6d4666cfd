"""Paths as `path:` means them: dbt looks for files of the project that match, and takes nodes at or below one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from app.compile.selection.nodes import Nodes, Selectable


def in_paths(nodes: Nodes, pattern: str) -> Iterator[Selectable]:
    """The nodes whose file, describing YAML, or any folder above the file matches. Only paths of the project itself are looked at, as dbt does:
    a package's node is found where the project has such a path too."""
    wanted = tuple(part for part in PurePosixPath(pattern).parts if part != ".")
    there = {path for node in nodes if node.package_name == nodes.project for file in node.files for path in _and_above(file)}
    found = {path for path in there if _matches(wanted, path.parts)}
    for node in nodes:
        if found & {*_and_above(node.original_file_path), *map(PurePosixPath, node.files[1:])}:
            yield node


def _and_above(file: str) -> tuple[PurePosixPath, ...]:
    """The path and every folder above it, the project's own too."""
    path = PurePosixPath(file)
    return (path, *path.parents)


def _matches(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path is meant: `*` stays within a name, `**` is any number of folders."""
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_matches(wanted[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and _matches(wanted[1:], parts[1:])
