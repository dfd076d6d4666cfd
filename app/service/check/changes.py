"""Changes of the layer as Problems, so that they are shown at their lines as all else is."""

from __future__ import annotations

from app.compile.diff.report import Change, Direction, Kind
from app.errors import Problem, Severity, both
from app.service.diff import Comparison, is_grave

LOOSER = frozenset({Direction.LOOSENED, Direction.UNCLEAR})
"""What somebody must review as a change of rights."""
_NAMES = 5


def problems(comparison: Comparison, fail_on: Kind | None, *, never: bool) -> list[Problem]:
    """A Problem for each change that somebody must look at, an error where it stops the change; and one for each other thing that a rule forbids."""
    forbidden = comparison.verdict.violations if comparison.verdict is not None and not never else ()
    broken = {(one.change.subject, one.change.field) for one in forbidden if one.direction == "backward"}
    found = []
    for change in comparison.report.changes:
        code = _code(change)
        if code:
            stops = not never and (is_grave(comparison, change, fail_on) or (change.subject, change.field) in broken)
            found.append(_problem(code, change, Severity.ERROR if stops else Severity.WARNING))
    told = {(change.subject, change.field) for change in comparison.report.changes}
    for one in forbidden:
        if one.direction == "forward" or (one.change.subject, one.change.field) not in told:
            message = f"{one.state} does not go together with it: {one.change.message}"
            found.append(Problem("DM2376", message, where=one.change.where, hint="the project's rule of compatibility forbids it"))
    return list(dict.fromkeys(found))


def _code(change: Change) -> str:
    if change.security in LOOSER:
        return "DM2375"
    return {Kind.BREAKING: "DM2373", Kind.MEANING: "DM2374"}.get(change.kind, "")


def _problem(code: str, change: Change, severity: Severity) -> Problem:
    word = str(change.security) if code == "DM2375" else f"possibly {change.kind}" if change.possible else str(change.kind)
    values = f": `{change.before}` → `{change.after}`" if change.before and change.after else ""
    return Problem(code, f"{word}: {change.message}{values}", severity, change.where, both(_touched(change), change.hint))


def _touched(change: Change) -> str:
    parts = (
        ("metrics", change.touches.metrics),
        ("saved queries", change.touches.saved_queries),
        ("exposures", change.touches.exposures),
    )
    told = [f"{word} {', '.join(names[:_NAMES])}{' …' if len(names) > _NAMES else ''}" for word, names in parts if names]
    return f"touches {'; '.join(told)}" if told else ""
