"""From a compiled layer to the served one: compared with what is served, kept, published, told; or held back with the reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.audit.chain import Detail
from app.model.ids import new_id
from app.model.ontology import Layer
from app.model.versions import Candidate, Origin, Publication
from app.redaction.redact import redact
from app.service import audit
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.kept_code import KeptCode, packed, unpacked
from app.service.known_values import told_to_all
from app.service.replay import replay
from app.service.replay import served as answering
from app.service.rights import require_admin
from app.service.verdict import Verdict, foretold, judge, refusal, unknown

UNREADABLE = "DM8014"
"""The code of the error where this version can't read what another stored."""
CHANNEL = "datamind:layer"
"""Where a publication is announced; the message is the project's id."""

MOST_ROLLED_BACK = 200
"""Of how many versions that a rollback took back it is remembered that they were."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who publishes: `by` is a user's id or a part of ours; `force` says that an admin wants it although it breaks, and `reason` why."""

    by: str = "system"
    correlation_id: str = ""
    force: bool = False
    reason: str = ""
    ip_address: str = ""
    email: str = ""

    @classmethod
    def of(cls, caller: Caller, *, force: bool = False, reason: str = "") -> Doer:
        """The person who calls. Raises UserError DM7011 where that is no admin, DM8024 where one forces without a reason."""
        require_admin(caller)
        if force:
            require_reason(reason)
        return cls(caller.principal.user_id, caller.correlation_id, force, reason, caller.ip_address, caller.principal.email)


@dataclass(frozen=True, slots=True)
class Published:
    """A version that became the served one; `problems` are warnings of what did not work after that."""

    version: Publication
    problems: tuple[Problem, ...] = ()


def served_now(deps: Deps) -> tuple[Publication | None, Layer | None]:
    """The current publication with its layer: None for both where there is none, and for the layer where this version can't read it. Raises what the
    store raises else."""
    current = deps.layers.current(deps.project_id)
    if current is None:
        return None, None
    try:
        return current, deps.layers.load(current.document_hash)
    except InternalError as error:
        if error.problem.code != UNREADABLE:
            raise
        return current, None


def against(
    deps: Deps, layer: Layer, code: KeptCode, files: Mapping[str, str], current: Publication | None, served: Layer | None
) -> Verdict | None:
    """What the layer changes of the one that is served (`served_now`), approved questions that it answers otherwise among it; None where there is none. Of one
    that can't be read nothing is known."""
    if current is None:
        return None
    if served is None:
        return unknown(current.version, layer.version)
    before = unpacked(deps.layers.code(deps.project_id, current.code_hash)) if current.code_hash else None
    verdict = judge(served, layer, (before, code), files)
    approved = answering(deps) if served.fingerprint() != layer.fingerprint() else []
    return dataclasses.replace(verdict, regressed=told_to_all(deps, replay(deps, approved, layer).differing)) if approved else verdict


def publish_compiled(
    deps: Deps, layer: Layer, code: KeptCode, current: Publication | None, verdict: Verdict | None, git_commit: str, doer: Doer
) -> Published | None:
    """Publish what was compared with `current`; None where it is current already.

    Raises UserError DM8003, DM8004, DM8025 (nothing to compare with) or DM8026 (approved questions) where an admin is wanted, and the layer is
    kept as a candidate; DM8007 where another was published meanwhile, DM8009 where it was rolled back.
    """
    kept = deps.layers.keep(deps.project_id, layer, packed(code))
    if current is not None and current.document_hash == kept.document_hash:
        return None
    base = current.document_hash if current is not None else ""
    if current is not None and not doer.force:
        _check_not_rolled_back(deps, current, kept.layer_hash)
    worst = str(verdict.report.worst or "") if verdict is not None else ""
    if verdict is not None and not verdict.unknown:
        deps.layers.keep_report(deps.project_id, base, kept.document_hash, verdict.report.canonical())
    if verdict is not None and verdict.holds(force=doer.force):
        wanted = Candidate(
            new_id("cnd"), deps.project_id, kept.layer_hash, kept.document_hash, base, deps.clock.now(), doer.by, git_commit, worst, verdict.causes,
            kept.code_hash,
        )  # fmt: skip
        raise refusal(verdict, deps.candidates.propose(wanted))
    publication = Publication(
        new_id("pub"), deps.project_id, kept.layer_hash, kept.document_hash, deps.clock.now(), doer.by, git_commit, worst=worst,
        origin=Origin.FORCED if doer.force else Origin.SYNC, reason=doer.reason, code_hash=kept.code_hash,
    )  # fmt: skip
    return make_current(deps, publication, base, doer)


def would_be_refused(deps: Deps, layer: Layer, current: Publication | None, verdict: Verdict | None, doer: Doer) -> tuple[Problem, ...]:
    """Why `publish_compiled` would refuse the layer, as warnings; nothing where it would be published, or is current."""
    if current is None or verdict is None or current.document_hash == layer.fingerprint():
        return ()
    try:
        if not doer.force:
            _check_not_rolled_back(deps, current, layer.ontology.fingerprint())
    except UserError as error:
        return (error.problem.as_warning(),)
    return foretold(verdict, force=doer.force)


def make_current(deps: Deps, publication: Publication, base: str, doer: Doer, **details: str | bool) -> Published | None:
    """The one place where a layer becomes the served one: recorded before, told after. `details` are recorded too."""

    def record(status: str, number: int = 0) -> None:
        record_event(
            deps, doer, EventType.LAYER_PUBLISH, status, publication.version, origin=publication.origin.value, number=number, **details
        )

    record("begin")  # what cannot be recorded is not published
    published = deps.layers.publish(publication, base=base)
    if published is None:
        return None
    deps.bus.publish(CHANNEL, deps.project_id)
    deps.serving.expire()
    try:
        record("published", published.number)
    except DataMindError as error:  # it is done, and the record before says by whom
        return Published(published, (error.problem.as_warning(),))
    return Published(published)


def record_event(deps: Deps, doer: Doer, event: EventType, status: str, version: str, **details: Detail) -> None:
    """One audit event of what was done with a version."""
    given: dict[str, Any] = {**details, "reason": doer.reason} if doer.reason else details
    audit.record(
        deps.audit,
        deps.clock,
        event_type=event,
        user_id=doer.by,
        email=doer.email,
        project_id=deps.project_id,
        component="sync",
        status=status,
        correlation_id=doer.correlation_id,
        ip_address=doer.ip_address,
        layer_version=version,
        **given,
    )


def require_reason(reason: str) -> None:
    """Raises UserError DM8024 where an admin's decision gives none."""
    if not reason.strip():
        raise UserError(
            Problem("DM8024", "a reason is wanted: it is kept with the version and in the audit trail", hint="give one: `--reason …`")
        )


def kept_reason(reason: str) -> str:
    """A reason as it is kept and shown: of what looks like personal data as little as of a question. Raises UserError DM8024 where there is none."""
    require_reason(reason)
    return redact(reason)


def _check_not_rolled_back(deps: Deps, current: Publication, layer_hash: str) -> None:
    """What an admin took back does not return by itself while the project stays as it was. Raises UserError DM8009."""
    if current.origin is not Origin.ROLLBACK or current.layer_hash == layer_hash:
        return
    undone = deps.layers.page(deps.project_id, current.number, min(current.number - current.restores, MOST_ROLLED_BACK))
    if any(one.layer_hash == layer_hash and one.number > current.restores for one in undone):
        why = f" ({current.reason})" if current.reason else ""
        raise UserError(
            Problem(
                "DM8009",
                f"{current.published_by} rolled this layer back{why}; version {current.number} stays until the project is changed",
                hint="mend the project and sync again, or publish it all the same with `datamind sync --force --reason …`",
            )
        )
