"""The check `validate`: what a compile refuses, and what lint rules find."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.lint.run import Found
from app.compile.markdown.escape import code, prose
from app.compile.markdown.sections import Section
from app.errors import Severity
from app.service.check.outcome import Outcome
from app.service.check.subject import Read, Subject
from app.service.validate import validate as validated

_SHOWN = 10
"""So many findings stand in the comment; all of them are at their lines."""


class _Held:
    """What was read already, as a source."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def read(self) -> Read:
        return self._read


_PARSED = "DM2514"
"""That models have no compiled SQL, which a check has chosen: it parses."""


def validate(subject: Subject) -> Outcome:
    """Compile and lint the head. Raises UserError DM20xx where the artifacts can't be used at all."""
    wanted = subject.wanted
    ignored = wanted.ignored if _PARSED in wanted.rules else (*wanted.ignored, _PARSED)
    result = validated(_Held(subject.head), wanted.rules, ignored, warn_error=wanted.warn_error)
    errors, warnings = result.count(Severity.ERROR), result.count(Severity.WARNING)
    said = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    folded = [_section(result.found, wanted.folder)] if errors + warnings else []
    return Outcome("validate", said, result.found, folded=folded, body={"layer_version": result.layer_version})


def _section(found: Sequence[Found], folder: str) -> Section:
    """The first findings, the gravest first."""
    grave = [one for one in found if one.problem.severity is not Severity.NOTE]
    shown = sorted(grave, key=lambda one: one.problem.severity is not Severity.ERROR)[:_SHOWN]
    more = [[f"- and {len(grave) - _SHOWN} more"]] if len(grave) > _SHOWN else []
    is_open = " open" if any(one.problem.severity is Severity.ERROR for one in grave) else ""
    head = [f"<details{is_open}><summary>What validation found ({len(grave)})</summary>", ""]
    return Section(head, [*([_line(one, folder)] for one in shown), *more], ["", "</details>", ""])


def _line(one: Found, folder: str) -> str:
    problem = one.problem
    place = f" · {code(f'{folder}/{problem.where}' if folder else str(problem.where))}" if problem.where else ""
    return f"- {problem.severity} {problem.code}: {prose(problem.message)}{place}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
