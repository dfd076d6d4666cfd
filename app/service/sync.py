"""Keep the served layer in step with the dbt project: read → compile → check → publish → train."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.compile.diff.report import DiffReport
from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.audit.catalogue import EventType
from app.ports import Cancel
from app.service.at_rest import read_at_rest
from app.service.compile import compile_artifacts
from app.service.deps import Deps
from app.service.kept_code import code_of
from app.service.lineage import with_lineage
from app.service.model_replay import ask_after_publication
from app.service.publishing import Doer, against, publish_compiled, record_event, served_now, would_be_refused
from app.service.quality import record
from app.service.training import Trained, train

TURN_SECONDS = 120.0
"""How long a sync waits for another of the same project."""


class Step(StrEnum):
    """The steps of a sync, in their order."""

    READ = "read"
    COMPILE = "compile"
    CHECK = "check"
    PUBLISH = "publish"
    TRAIN = "train"


Tell = Callable[[Step], None]
"""Told each step as it begins."""


def untold(_step: Step) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: `published` is False where the layer was current already, or nothing was to be published; `number` is that of the served version
    (0 where none is), `report` what differs from the one before. What could not be trained is a warning among `problems`. `refused` is why a
    dry run's layer would not be published."""

    published: bool
    layer_version: str
    metrics: int
    models: int
    problems: tuple[Problem, ...]
    number: int = 0
    report: DiffReport | None = None
    training: Trained = field(default_factory=Trained)
    refused: tuple[Problem, ...] = ()


def sync(deps: Deps, doer: Doer | None = None, *, dry_run: bool = False, tell: Tell = untold) -> SyncReport:
    """Compile the project and publish the layer where its content changed; doing it again changes nothing. Syncs of a project take turns.

    What can't be published leaves the layer that is served. Raises UserError DM20xx (artifacts), DM8002 (errors in the project), DM8003 (breaking),
    DM8004 (looser protection), DM8009 (rolled back), DM8025 (nothing to compare with), DM8007 or DM8008 (another sync, or somebody who writes there). With
    `dry_run` nothing is kept, and what would be refused is told in the report.
    """
    with turn(deps):
        return sync_in_turn(deps, doer, dry_run=dry_run, tell=tell)


@contextmanager
def turn(deps: Deps, seconds: float | None = None, cancel: Cancel | None = None) -> Iterator[None]:
    """The project's folder and its layer for one sync alone: who has the turn may move the checkout on, parse, read and publish, and nobody moves the checkout
    while another reads. One who dies gives it back, and what they left of a move is mended before anything is read.

    Raises UserError DM8008 where another has it for so many seconds (None: TURN_SECONDS), DM8066 where it is cancelled meanwhile, and as `ProjectSource.mend`."""
    with deps.locks.hold("sync", deps.project_id, seconds=TURN_SECONDS if seconds is None else seconds, cancel=cancel) as ours:
        if cancel is not None and cancel.cancelled:
            raise cancelled()
        if not ours:
            raise UserError(Problem("DM8008", "another sync of this project is running", hint="try again when it has ended"))
        deps.project.mend()
        yield


def cancelled() -> UserError:
    """DM8066: who asked for the sync wants it no more."""
    return UserError(Problem("DM8066", "the sync was cancelled before it published anything"))


def sync_in_turn(deps: Deps, doer: Doer | None = None, *, dry_run: bool = False, tell: Tell = untold) -> SyncReport:
    """The same for one who has the `turn`."""
    doer = doer or Doer()
    record_event(deps, doer, EventType.LAYER_SYNC, "begin", "", dry_run=dry_run, force=doer.force)
    try:
        if not dry_run:
            deps.layers.forget(deps.project_id)
        report = _synced(deps, doer, dry_run, tell)
    except Exception as error:
        code = error.problem.code if isinstance(error, DataMindError) else "DM9001"
        record_event(deps, doer, EventType.LAYER_SYNC, "refused" if isinstance(error, UserError) else "failed", "", problem=code)
        raise
    return _recorded(deps, doer, report, dry_run)


def _recorded(deps: Deps, doer: Doer, report: SyncReport, dry_run: bool) -> SyncReport:
    """The report, with the end of the sync in the audit trail. It is done: what can't be recorded of it any more is a warning."""
    published = {"published": report.published, "number": report.number}
    try:
        record_event(deps, doer, EventType.LAYER_SYNC, "succeeded", report.layer_version, dry_run=dry_run, **published)
    except InternalError as error:
        return replace(report, problems=(*report.problems, error.problem.as_warning()))
    return report


def _synced(deps: Deps, doer: Doer, dry_run: bool, tell: Tell) -> SyncReport:
    tell(Step.READ)
    read = read_at_rest(deps.project)
    targets, sources = read.targets, read.sources
    noticed = () if dry_run else record(deps.quality, deps.project_id, targets)
    tell(Step.COMPILE)
    current, served = served_now(deps)
    compiled = compile_artifacts(targets, sources, served.lineages.values() if served is not None else ())
    if compiled.has_errors:
        raise UserError(
            Problem("DM8002", "the project has errors and was not published; the last good layer stays", hint="run `datamind compile`"),
            *compiled.problems,
        )
    code = code_of(targets, sources)
    tell(Step.CHECK)
    verdict = against(deps, compiled.layer, code, sources.files, current, served)
    layer = with_lineage(compiled.layer, compiled.lineage)
    told = SyncReport(
        False, layer.version, len(layer.ontology.listed_metrics), len(layer.ontology.models), compiled.problems,
        current.number if current is not None else 0, verdict.report if verdict is not None else None,
    )  # fmt: skip
    if dry_run:
        return replace(told, refused=would_be_refused(deps, layer, current, verdict, doer))
    tell(Step.PUBLISH)
    published = publish_compiled(deps, layer, code, current, verdict, read.commit, doer)
    tell(Step.TRAIN)
    trained, untrained = train(deps, layer.fingerprint(), compiled.training())  # also where an earlier sync ended before it did
    told = replace(told, problems=(*compiled.problems, *noticed, *untrained), training=trained)
    if published is None:  # it is served already, by whoever published it last
        held = deps.layers.current(deps.project_id)
        return replace(told, number=held.number if held is not None else 0)
    ask_after_publication(deps)
    return replace(told, published=True, number=published.version.number, problems=(*told.problems, *published.problems))
