"""May a layer follow the one that is served? What breaks consumers, or lets people see more than before, wants an admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from app.compile.diff.diff import diff_ready
from app.compile.diff.places import owner_of, placed
from app.compile.diff.ready import Ready
from app.compile.diff.report import Action, Change, DiffReport, Direction, Kind
from app.errors import Problem, Severity, UserError, Where
from app.model.corrections import Difference
from app.model.ontology import Layer, Ontology
from app.model.versions import Candidate, Cause
from app.service.kept_code import KeptCode, changed_code

MOST = 20
"""How many changes an error lists."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What differs from the served layer, and what of it is in the way: changes that break, changes that loosen protection, and approved questions that would be
    answered otherwise.

    `unknown` where nothing could be compared: then what it changes may be anything.
    """

    report: DiffReport
    breaking: tuple[Change, ...] = ()
    loosened: tuple[Change, ...] = ()
    unknown: bool = False
    regressed: tuple[Difference, ...] = ()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why it is not published by itself; none where it is."""
        found = (
            (Cause.BREAKING, self.breaking),
            (Cause.LOOSENED, self.loosened),
            (Cause.UNKNOWN, self.unknown),
            (Cause.REPLAY, self.regressed),
        )
        return tuple(cause for cause, is_one in found if is_one)

    def holds(self, *, force: bool) -> bool:
        """Whether an admin has to approve the layer itself: to force a sync takes only what breaks and what answers otherwise upon oneself, and no protection
        away."""
        return self.unknown or bool(self.loosened) or (bool(self.breaking or self.regressed) and not force)


def unknown(old: str, new: str) -> Verdict:
    """The verdict on a layer that can't be compared with the one that it would follow; both by their versions."""
    return Verdict(
        DiffReport(old, new, notes=("the served layer can't be read by this version: nothing can be compared with it",)), unknown=True
    )


def judge(old: Layer, new: Layer, code: tuple[KeptCode | None, KeptCode | None], files: Mapping[str, str] | None = None) -> Verdict:
    """Compare a layer with the one that it would follow; `files` are the project's YAML, where changes have their exact places.

    A change that breaks by tightening protection is no reason to go on serving the looser layer. One that loosens it, or of which that can't be excluded, is
    held, unless it is the policy of something that was not there before.
    """
    changed, notes = changed_code(*code)
    report = diff_ready(Ready(old), Ready(new), changed)
    report = placed(replace(report, notes=(*report.notes, *notes)), files or {})
    stood = dict(old.locations)
    report = replace(report, changes=tuple(_where_it_stood(change, stood) for change in report.changes))
    return Verdict(
        report,
        tuple(change for change in report.of(Kind.BREAKING) if change.security is None),
        (*(change for change in report.security if _loosens(change)), *_untagged(old.ontology, new.ontology)),
    )


def _where_it_stood(change: Change, locations: Mapping[str, Where]) -> Change:
    """What went away has no line in the new files: that of the old ones says where it was."""
    known = locations.get(change.asked_by) or locations.get(owner_of(change.asked_by))
    if known is None or (change.where is not None and (change.where.line or change.where.file != known.file)):
        return change
    return replace(change, where=known)


def _loosens(change: Change) -> bool:
    return change.security in (Direction.LOOSENED, Direction.UNCLEAR) and change.kind is not Kind.ADDITIVE


def _untagged(old: Ontology, new: Ontology) -> list[Change]:
    """Models that lost a column with a PII class while columns without one came: it may be the same column under another name."""
    found = []
    for after in new.models:
        before = old.model(after.name)
        if before is None:
            continue
        names = {column.name for column in after.columns}
        held = {column.name for column in before.columns}
        gone = sorted(column.name for column in before.columns if column.pii and column.name not in names)
        come = sorted(column.name for column in after.columns if not column.pii and column.name not in held)
        if gone and come:
            found.append(
                Change(
                    Kind.MEANING,
                    Action.CHANGED,
                    f"model.{after.name}",
                    f"`{'`, `'.join(gone)}` of `{after.name}`, marked as PII, went away, and `{'`, `'.join(come)}` without a mark came",
                    "columns",
                    hint="mark the new column too where it holds the same",
                    security=Direction.UNCLEAR,
                )
            )
    return found


def foretold(verdict: Verdict, *, force: bool) -> tuple[Problem, ...]:
    """Why the layer would be refused, as warnings; nothing where it would be published."""
    if not verdict.holds(force=force):
        return ()
    codes = {Cause.BREAKING: "DM8003", Cause.LOOSENED: "DM8004", Cause.UNKNOWN: "DM8025", Cause.REPLAY: "DM8026"}
    words = {
        Cause.BREAKING: "it breaks what consumers use",
        Cause.LOOSENED: "people would see more",
        Cause.UNKNOWN: "nothing can be compared",
        Cause.REPLAY: "approved questions would be answered otherwise",
    }
    first = next(cause for cause in (Cause.UNKNOWN, Cause.LOOSENED, Cause.BREAKING, Cause.REPLAY) if cause in verdict.causes)
    return (Problem(codes[first], f"a sync would be refused: {words[first]}", Severity.WARNING),)


def refusal(verdict: Verdict, candidate: Candidate) -> UserError:
    """Why the layer was not published, with each change and its place: DM8003 (breaking), DM8004 (protection), DM8025 (nothing can be told) or
    DM8026 (approved questions)."""
    hint = f"look at it with `datamind versions show {candidate.id}`; an admin publishes it with `datamind versions approve {candidate.id} --reason …`"
    rejected = f"; {candidate.decided_by} rejected it{f' ({candidate.reason})' if candidate.reason else ''}" if candidate.decided_by else ""
    if verdict.unknown:
        message = f"the served layer can't be read by this version, so nothing tells what the new one would break or loosen: it is held for an admin{rejected}"
        return UserError(Problem("DM8025", message, hint=hint))
    if verdict.loosened:
        message = (
            f"the layer lets people see more than the served one ({_times(verdict.loosened)}) and is held for an admin's approval{rejected}"
        )
        return UserError(
            Problem("DM8004", message, hint=hint),
            *listed("DM8006", verdict.loosened),
            *listed("DM8005", verdict.breaking),
            *_otherwise(verdict),
        )
    hint += "; `--force --reason …` does so with the sync"
    if not verdict.breaking:
        count = len(verdict.regressed)
        message = f"the layer answers {count} approved question{'s' if count != 1 else ''} otherwise; the last good layer stays{rejected}"
        return UserError(Problem("DM8026", message, hint=hint), *_otherwise(verdict))
    message = f"the layer breaks what consumers of the served one use ({_times(verdict.breaking)}); the last good layer stays{rejected}"
    return UserError(Problem("DM8003", message, hint=hint), *listed("DM8005", verdict.breaking), *_otherwise(verdict))


def listed(code: str, changes: Sequence[Change]) -> list[Problem]:
    """The changes as Problems of that code, with their places."""
    return [Problem(code, change.message, where=change.where, hint=change.hint) for change in changes[:MOST]]


def _otherwise(verdict: Verdict) -> list[Problem]:
    """The approved questions that are answered otherwise, as Problems."""
    return [Problem("DM8027", f"“{one.question}” was approved as {one.approved}; now: {one.now}") for one in verdict.regressed[:MOST]]


def _times(changes: Sequence[Change]) -> str:
    return f"{len(changes)} change{'s' if len(changes) != 1 else ''}"
