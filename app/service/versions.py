"""The versions of the layer: what was published, what waits, what differs between two; rollback, approval and rejection. For admins."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from app.compile.diff.diff import diff_ready
from app.compile.diff.ready import Ready
from app.compile.diff.report import DiffReport
from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.ids import new_id
from app.model.ontology import Layer
from app.model.versions import Candidate, CandidateState, Origin, Publication
from app.service.compile import training_of
from app.service.deps import Deps
from app.service.kept_code import KeptCode, changed_code, unpacked
from app.service.model_replay import ask_after_publication
from app.service.publishing import UNREADABLE, Doer, Published, make_current, record_event, require_reason
from app.service.training import train
from app.service.verdict import Verdict, judge, listed, unknown

_NUMBER = re.compile(r"[0-9]{1,6}")
_HASH = re.compile(r"[0-9a-f]{7,64}")
_PAGE = 200

Version = Publication | Candidate
"""What can be looked at: a layer that was published, or one that waits."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A version with what it changed: `since` is the one that it was compared with, None for the first."""

    version: Version
    since: Publication | None
    report: DiffReport | None


def list_versions(deps: Deps, *, before: int = 0, limit: int = 50) -> Sequence[Publication]:
    """At most `limit` publications, newest first, with numbers below `before` (0: from the newest on)."""
    return deps.layers.page(deps.project_id, before, limit)


def waiting(deps: Deps, *, decided: bool = False, before: str = "", limit: int = 50) -> Sequence[Candidate]:
    """The candidates that wait for an admin, newest first; with `decided` all of them."""
    return deps.candidates.page(deps.project_id, tuple(CandidateState) if decided else (CandidateState.OPEN,), before, limit)


def find(deps: Deps, name: str) -> Version:
    """The version of that name: a number, the first digits (7 or more) of a content hash, a candidate's id, or "" for the current one.

    Raises UserError DM8021 where there is none. Of several publications of one hash the newest is meant.
    """
    found: Version | None = None
    if not name:
        found = deps.layers.current(deps.project_id)
    elif name.startswith("cnd_"):
        found = deps.candidates.get(name, deps.project_id)
    elif _NUMBER.fullmatch(name):
        page = deps.layers.page(deps.project_id, int(name) + 1, 1) if int(name) else ()
        found = next((one for one in page if one.number == int(name)), None)
    elif _HASH.fullmatch(name):
        found = _of_hash(deps, name)
    if found is None:
        raise UserError(
            Problem(
                "DM8021",
                f"there is no version `{name[:70]}`" if name else "no version was published yet",
                hint="`datamind versions list` shows them; a version is named by its number, by 7 or more digits of its hash, or by a candidate's id",
            )
        )
    return found


def show(deps: Deps, name: str = "") -> Shown:
    """A version, and what it changed. Raises UserError DM8021."""
    version = find(deps, name)
    base = _base(deps, version)
    if base is None:
        return Shown(version, None, None)
    return Shown(version, base, _difference(deps, base, version))


def diff(deps: Deps, old: str, new: str = "") -> Shown:
    """What differs between two versions, `new` being the current one where it is "". Raises UserError DM8021."""
    before, after = find(deps, old), find(deps, new)
    if isinstance(before, Candidate):
        raise UserError(Problem("DM8021", f"`{old}` was never published", hint="compare the other way round"))
    return Shown(after, before, _difference(deps, before, after))


def rollback(deps: Deps, doer: Doer, name: str = "", *, accept_looser: bool = False) -> Published:
    """Make an earlier version current again, the one before the current where `name` is "". What it took back stays away until the project changes.

    Raises UserError DM8021 (no such version), DM8022 (it is current), DM8023 (it lets people see more than the served one, and that was not accepted),
    DM8024 (accepted without a reason).
    """
    if accept_looser:
        require_reason(doer.reason)
    current = _published(find(deps, ""))
    target = _published(find(deps, name or _number_before(current)))
    layer = _layer(deps, target)
    verdict = _judged(deps, current, target, layer)
    if (verdict.loosened or verdict.unknown) and not accept_looser:
        what = "may let" if verdict.unknown else "lets"
        message = f"version {target.number} {what} people see more than version {current.number}"
        raise UserError(
            Problem("DM8023", message, hint="where that is meant, do it with `--accept-looser`"), *listed("DM8006", verdict.loosened)
        )
    event = replace(
        target,
        id=new_id("pub"),
        published_at=deps.clock.now(),
        published_by=doer.by,
        origin=Origin.ROLLBACK,
        reason=doer.reason,
        worst=str(verdict.report.worst or ""),
        restores=target.number,
    )
    if not verdict.unknown:
        deps.layers.keep_report(deps.project_id, current.document_hash, target.document_hash, verdict.report.canonical())
    published = make_current(deps, event, current.document_hash, doer, accept_looser=accept_looser)
    if published is None:
        raise UserError(Problem("DM8022", f"version {target.number} is what is served now", hint="name an earlier one"))
    untrained = _untrained(deps, published.version, layer)
    ask_after_publication(deps)
    return dataclasses.replace(published, problems=(*published.problems, *untrained))


def approve(deps: Deps, doer: Doer, candidate_id: str) -> Published:
    """Publish a candidate. Raises UserError DM8021, DM8022 (it was published, or another took its place), DM8024 (no reason), DM8007 (overtaken)."""
    candidate = _candidate(deps, candidate_id)
    require_reason(doer.reason)
    if candidate.state not in (CandidateState.OPEN, CandidateState.REJECTED):
        raise _settled(candidate)
    event = Publication(
        new_id("pub"), deps.project_id, candidate.layer_hash, candidate.document_hash, deps.clock.now(), doer.by, candidate.git_commit,
        origin=Origin.APPROVED, reason=doer.reason, worst=candidate.worst, code_hash=candidate.code_hash,
    )  # fmt: skip
    layer = _layer(deps, candidate)
    published = make_current(deps, event, candidate.base_hash, doer, candidate=candidate.id)
    if published is None:
        raise _settled(candidate)
    untrained = _untrained(deps, published.version, layer)
    ask_after_publication(deps)
    return dataclasses.replace(published, problems=(*published.problems, *untrained))


def reject(deps: Deps, doer: Doer, candidate_id: str) -> Candidate:
    """Say no to a candidate: it is not offered again, and may still be approved. Raises UserError DM8021, DM8022, DM8024."""
    candidate = _candidate(deps, candidate_id)
    require_reason(doer.reason)
    said = replace(candidate, state=CandidateState.REJECTED, decided_at=deps.clock.now(), decided_by=doer.by, reason=doer.reason)
    record_event(deps, doer, EventType.LAYER_REJECT, "begin", candidate.version, candidate=candidate.id)
    if not deps.candidates.reject(said):
        raise _settled(candidate)
    record_event(deps, doer, EventType.LAYER_REJECT, "rejected", candidate.version, candidate=candidate.id)
    return said


# --- parts


def _judged(deps: Deps, current: Publication, target: Publication, layer: Layer) -> Verdict:
    """What going back to the target changes; unknown where this version can't read what is served."""
    try:
        served = _layer(deps, current)
    except InternalError as error:
        if error.problem.code != UNREADABLE:
            raise
        return unknown(current.version, target.version)
    return judge(served, layer, (_code(deps, current), _code(deps, target)))


def _of_hash(deps: Deps, digits: str) -> Publication | None:
    before = 0
    while page := deps.layers.page(deps.project_id, before, _PAGE):
        for one in page:
            if one.layer_hash.startswith(digits):
                return one
        before = page[-1].number
        if before <= 1:
            break
    return None


def _base(deps: Deps, version: Version) -> Publication | None:
    """What a version was compared with: the publication before it, for a candidate the one that it would have followed."""
    if isinstance(version, Publication):
        return next(iter(deps.layers.page(deps.project_id, version.number, 1)), None) if version.number > 1 else None
    before = 0
    while page := deps.layers.page(deps.project_id, before, _PAGE):
        for one in page:
            if one.document_hash == version.base_hash and one.published_at <= version.compiled_at:
                return one
        before = page[-1].number
        if before <= 1:
            break
    return None


def _difference(deps: Deps, old: Publication, new: Version) -> DiffReport:
    """What differs between two versions, as it was kept, else found now and kept; a note alone where this version can't read one of them."""
    held = deps.layers.report(deps.project_id, old.document_hash, new.document_hash)
    if held is not None:
        return DiffReport.from_json(held)
    changed, notes = changed_code(_code(deps, old), _code(deps, new))
    try:
        report = diff_ready(Ready(_layer(deps, old)), Ready(_layer(deps, new)), changed)
    except InternalError as error:
        if error.problem.code != UNREADABLE:
            raise
        return unknown(old.version, new.version).report
    report = replace(report, notes=(*report.notes, *notes))
    deps.layers.keep_report(deps.project_id, old.document_hash, new.document_hash, report.canonical())
    return report


def _untrained(deps: Deps, published: Publication, layer: Layer) -> tuple[Problem, ...]:
    """Train what was published. It is served whatever becomes of that: what fails is a warning."""
    try:
        return train(deps, published.document_hash, training_of(layer))[1]
    except DataMindError as error:
        return (error.problem.as_warning(),)


def _layer(deps: Deps, version: Version) -> Layer:
    """Raises UserError DM8021 where the layer is gone, InternalError DM8014 where it can't be read."""
    layer = deps.layers.load(version.document_hash)
    if layer is None:
        raise UserError(Problem("DM8021", f"the layer of version {version.version} is not in the store any more", hint="sync again"))
    return layer


def _code(deps: Deps, version: Version) -> KeptCode | None:
    return unpacked(deps.layers.code(deps.project_id, version.code_hash)) if version.code_hash else None


def _number_before(current: Publication) -> str:
    """The version before the one that is served; after a rollback, before the one that it restored: doing it again goes further back, and not forth.

    Raises UserError DM8021 where there is none.
    """
    served = current.restores or current.number
    if served <= 1:
        raise UserError(Problem("DM8021", "there is no version before the first", hint="`datamind versions list` shows what there is"))
    return str(served - 1)


def _published(version: Version) -> Publication:
    """Raises UserError DM8022 for a candidate."""
    if isinstance(version, Candidate):
        raise UserError(Problem("DM8022", f"`{version.id}` was never published", hint="`datamind versions approve` publishes a candidate"))
    return version


def _candidate(deps: Deps, candidate_id: str) -> Candidate:
    """Raises UserError DM8021."""
    found = deps.candidates.get(candidate_id, deps.project_id)
    if found is None:
        raise UserError(
            Problem("DM8021", f"there is no candidate `{candidate_id[:70]}`", hint="`datamind versions list` shows those that wait")
        )
    return found


def _settled(candidate: Candidate) -> UserError:
    return UserError(
        Problem(
            "DM8022",
            f"the candidate {candidate.id} is settled already ({candidate.state})",
            hint="`datamind versions list` shows those that wait",
        )
    )
