"""Lineage as a Mermaid flowchart: values by solid arrows, what decides about rows by dotted ones."""

from __future__ import annotations

from app.model.lineage import Impact, Kind, Point, Role, Trace
from app.service.lineage_body import KEYS

_SHAPES = {
    Kind.METRIC: ("([", "])"),
    Kind.MEASURE: ("[/", "/]"),
    Kind.UNKNOWN: ("{{", "}}"),
    Kind.HIDDEN: ("{{", "}}"),
    Kind.ROWS: ("[(", ")]"),
}
_BOX = ("[", "]")


def flowchart(found: Trace) -> str:
    """The points and links of a trace."""
    lines = ["flowchart LR"]
    for number, point in enumerate(found.points):
        opened, closed = _SHAPES.get(point.kind, _BOX)
        lines.append(f'  n{number}{opened}"{_label(point, found.hidden)}"{closed}')
    for link in found.links:
        arrow = "-->" if link.role is Role.VALUE else "-.->"
        said = "" if link.role is Role.VALUE else f"|{link.role}|"
        lines.append(f"  n{link.start} {arrow}{said} n{link.end}")
    return "\n".join(lines)


def touched(start: str, found: Impact) -> str:
    """What a change touches, around what is changed."""
    lines = ["flowchart RL", f'  n0["{_plain(start)}"]']
    number = 0
    for key in KEYS:
        for one in getattr(found, key):
            number += 1
            name = f"rows of {one.owner}" if one.kind == Kind.ROWS else ".".join(part for part in (one.owner, one.name) if part)
            solid = Role.VALUE in one.roles and one.reason is None
            label = _plain(f"{one.kind.replace('_', ' ')}: {name}")
            lines.append(f'  n{number}["{label}"]')
            lines.append(f"  n{number} {'-->' if solid else '-.->'}|{'perhaps ' if one.reason else ''}{', '.join(one.roles)}| n0")
    return "\n".join(lines)


def _label(point: Point, hidden: int) -> str:
    if point.kind is Kind.HIDDEN:
        return f"{hidden} hidden"
    name = ".".join(part for part in (point.owner, point.name) if part)
    if point.kind is Kind.UNKNOWN:
        return _plain(f"unknown: {name} {point.detail or point.reason}")
    return _plain(name if point.kind is Kind.COLUMN else f"{str(point.kind).replace('_', ' ')}: {name}")


def _plain(text: str) -> str:
    """A text within Mermaid's quotes: what would end them, or be read as markup, as an entity code."""
    return "".join(f"#{ord(char)};" if char in '"#<>&`\\' or not char.isprintable() else char for char in text)
