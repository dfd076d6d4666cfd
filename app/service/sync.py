"""Keep the served layer in step with the dbt project: read → compile → publish → train → tell."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.ids import new_id
from app.model.lineage import ModelLineage
from app.model.records import Publication
from app.service import audit
from app.service.compile import Compiled, compile_artifacts
from app.service.deps import Deps
from app.service.lineage import with_lineage

CHANNEL = "datamind:layer"
"""Where a publication is announced; the message is the project's id."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: `published` is False where the layer was current already."""

    published: bool
    layer_version: str
    metrics: int
    models: int
    problems: tuple[Problem, ...]


def sync(deps: Deps, *, by: str = "system", correlation_id: str = "") -> SyncReport:
    """Compile the project and publish the layer where its content changed; doing it again changes nothing.

    A project with errors is not published: the last good layer stays. Raises UserError DM20xx (artifacts), DM8002 (errors in the project).
    """
    try:
        targets, sources = deps.project.read()
        compiled = compile_artifacts(targets, sources)
        if compiled.has_errors:
            raise UserError(
                Problem("DM8002", "the project has errors and was not published; the last good layer stays", hint="run `datamind compile`"),
                *compiled.problems,
            )
    except UserError as error:
        _audit(deps, by, correlation_id, "refused", "", error.problem.code)
        raise
    layer = with_lineage(compiled.layer, targets, _published(deps))
    publication = Publication(
        new_id("pub"),
        deps.project_id,
        layer.ontology.fingerprint(),
        layer.fingerprint(),
        deps.clock.now(),
        by,
        deps.project.git_commit(),
    )
    current = deps.layers.current(deps.project_id)
    if current is None or current.document_hash != publication.document_hash:
        _audit(deps, by, correlation_id, "begin", layer.version, "")  # what cannot be recorded is not published
    published = deps.layers.publish(layer, publication)
    _train(deps, compiled)
    if published:
        _audit(deps, by, correlation_id, "published", layer.version, "")
        deps.bus.publish(CHANNEL, deps.project_id)
        deps.serving.expire()
    ontology = layer.ontology
    return SyncReport(published, layer.version, len(ontology.listed_metrics), len(ontology.models), compiled.problems)


def _published(deps: Deps) -> tuple[ModelLineage, ...]:
    """The lineage of the current layer, so that only models that changed are read again."""
    current = deps.layers.current(deps.project_id)
    layer = deps.layers.load(current.document_hash) if current is not None else None
    return tuple(layer.lineages.values()) if layer is not None else ()


def _train(deps: Deps, compiled: Compiled) -> None:
    """Make the training items those of the layer, also where an earlier sync ended between publishing and training."""
    items = compiled.training()
    if {item.id for item in items} != {item.id for item in deps.training.all(deps.project_id)}:
        deps.training.replace_all(deps.project_id, items)


def _audit(deps: Deps, by: str, correlation_id: str, status: str, version: str, problem: str) -> None:
    """One audit event of this sync."""
    audit.record(
        deps.audit,
        deps.clock,
        event_type="layer.publish",
        user_id=by,
        project_id=deps.project_id,
        component="sync",
        status=status,
        correlation_id=correlation_id,
        layer_version=version,
        problem=problem,
    )
