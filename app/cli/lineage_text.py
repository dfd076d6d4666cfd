"""Lineage as a tree of text, and an impact as lists."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lineage.trace import below, ends
from app.model.lineage import Impact, Kind, Point, Reason, Touched, Trace, TraceLink
from app.model.ontology import Ontology
from app.service.lineage_body import KEYS, Places

WHY = {
    Reason.NO_SQL: "its SQL is not in the artifacts (run `dbt compile`)",
    Reason.PYTHON: "a Python model",
    Reason.UNREADABLE: "its SQL can't be read",
    Reason.DIALECT: "SQL of a dialect that is not known",
    Reason.RELATION: "a relation that is not of the project",
    Reason.FUNCTION: "a function that reads elsewhere",
    Reason.COLUMN: "a name that is no column there",
    Reason.STAR: "columns that are not all known",
    Reason.SNAPSHOT: "a snapshot keeps what was",
    Reason.MODEL: "a model that is not in the layer",
    Reason.MEANING: "a name that leads nowhere",
}
"""The reasons in words, for those that come without a detail of their own."""


def tree(found: Trace, ontology: Ontology, places: Places, depth: int = 0) -> list[str]:
    """The tree below each start, a point's own tree once; then where it ends, and what can't be seen. A `depth` of 0 is all of it."""
    writer = _Tree(found, ontology, places, depth)
    lines = [line for number in range(found.starts) for line in writer.start(number)]
    return [*lines, "", *_ends(found, places), *_gaps(found)]


class _Tree:
    """Writes each point below the first that stands on it; where it comes again, it is only named."""

    def __init__(self, found: Trace, ontology: Ontology, places: Places, depth: int) -> None:
        self._points, self._below = found.points, below(found)
        self._ontology, self._places, self._depth = ontology, places, depth
        self._hidden = found.hidden
        self._written: set[int] = set()

    def start(self, number: int) -> Iterator[str]:
        """The tree of one start."""
        stack: list[tuple[int, str, str, int]] = [(number, "", "", 0)]
        while stack:  # deep projects cost no recursion
            at, head, indent, level = stack.pop()
            again = at in self._written and bool(self._below.get(at))
            cut = self._depth and level >= self._depth and not again and bool(self._below.get(at))
            yield f"{head}{self._label(self._points[at])}{'  (see above)' if again else '  …' if cut else ''}"
            if again or cut:
                continue
            self._written.add(at)
            links = self._below.get(at, [])
            stack += reversed([self._child(link, indent, level, last=link is links[-1]) for link in links])

    def _child(self, link: TraceLink, indent: str, level: int, *, last: bool) -> tuple[int, str, str, int]:
        return link.end, f"{indent}{'└─ ' if last else '├─ '}{link.role}: ", f"{indent}{'   ' if last else '│  '}", level + 1

    def _label(self, point: Point) -> str:
        if point.kind is Kind.HIDDEN:
            return f"({self._hidden} hidden)"
        if point.kind is Kind.UNKNOWN:
            return f"unknown: {_why(point)}"
        model = self._ontology.model(point.owner) if point.kind in (Kind.COLUMN, Kind.ROWS) else None
        kind = f"  [{model.resource_type}]" if model is not None and model.resource_type != "model" else ""
        where = str(self._places.of(point)) if point.kind is not Kind.ROWS else ""
        return f"{_name(point)}{kind}{'  ' if where else ''}{where}"


def _name(point: Point) -> str:
    """A point in words."""
    full = ".".join(part for part in (point.owner, point.name) if part)
    match point.kind:
        case Kind.COLUMN:
            return full
        case Kind.ROWS:
            return f"rows of {point.owner}"
        case _:
            return f"{str(point.kind).replace('_', ' ')} {full}"


def _why(point: Point | Touched) -> str:
    """Why something can't be seen."""
    words = WHY[point.reason] if point.reason is not None else ""
    named = ".".join(part for part in (point.owner, point.name) if part and part != "*")
    said = point.detail if point.detail and point.reason not in (Reason.NO_SQL, Reason.PYTHON) else words
    return f"{named}: {said}" if named else said


def _ends(found: Trace, places: Places) -> list[str]:
    """Where the lineage ends, as a table."""
    rows = [(_name(point), ", ".join(roles), str(places.of(point)) if point.name else "") for point, roles in ends(found)]
    if not rows:
        return []
    wide, roles = (max(len(row[column]) for row in rows) for column in (0, 1))
    return ["ends at:", *(f"  {name:<{wide}}  {role:<{roles}}  {where}".rstrip() for name, role, where in rows)]


def _gaps(found: Trace) -> list[str]:
    """What can't be seen, each reason once; nothing where all is."""
    gaps = sorted({_why(point) for point in found.points if point.kind is Kind.UNKNOWN})
    return [f"not seen, {len(gaps)}:", *(f"  {gap}" for gap in gaps)] if gaps else ["nothing is unknown"]


def touched(start: str, found: Impact, places: Places) -> list[str]:
    """What a change may touch, kind by kind."""
    lines = [f"a change of {start} touches"]
    blind: set[str] = set()
    for key in KEYS:
        items: tuple[Touched, ...] = getattr(found, key)
        if not items:
            continue
        lines.append(f"{key.replace('_', ' ')}, {len(items)}:")
        names = [_touched_name(one) for one in items]
        roles = [("perhaps " if one.reason else "") + ", ".join(one.roles) for one in items]
        wide, broad = max(map(len, names)), max(map(len, roles))
        for one, name, role in zip(items, names, roles, strict=True):
            where = str(places.named(one)) if one.kind != Kind.ROWS else ""
            lines.append(f"  {name:<{wide}}  {role:<{broad}}  {where}".rstrip())
            blind |= {f"{one.detail or WHY[one.reason]}" if one.reason is not None else ""} - {""}
    if len(lines) == 1:
        lines.append("nothing")
    return [*lines, *([f"not seen, {len(blind)}:", *(f"  {gap}" for gap in sorted(blind))] if blind else [])]


def _touched_name(one: Touched) -> str:
    if one.kind == Kind.ROWS:
        return f"rows of {one.owner}"
    return ".".join(part for part in (one.owner, one.name) if part)
