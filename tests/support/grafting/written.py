"""A graft as YAML, block style, as people write it."""

from __future__ import annotations

from typing import Any


def yaml_of(sections: dict[str, list[dict[str, Any]]]) -> str:
    """A file with these sections."""
    return "version: 2\n" + "".join(f"\n{name}:\n" + "".join(_lines(items, 1)) for name, items in sections.items())


def _lines(value: Any, depth: int) -> list[str]:
    """The lines of a mapping or sequence; scalars stand on the line of their key."""
    pad = "  " * depth
    if isinstance(value, dict):
        found: list[str] = []
        for key, one in value.items():
            found += [f"{pad}{key}:\n", *_lines(one, depth + 1)] if isinstance(one, dict | list) else [f"{pad}{key}: {_scalar(one)}\n"]
        return found
    found = []
    for one in value:
        first, *rest = _lines(one, depth + 1) if isinstance(one, dict | list) else [f"{pad}  {_scalar(one)}\n"]
        found += [f"{pad}- {first.lstrip(' ')}", *rest]
    return found


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str) and (not value or not value.replace("_", "a").replace(" ", "a").replace(".", "a").isalnum()):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{value}"' if isinstance(value, str) and value.isdigit() else str(value)
