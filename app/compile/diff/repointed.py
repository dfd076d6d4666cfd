"""Names of the semantic layer that stand on other data than before: who may see it is compared as if a policy had changed.

A semantic model that is pointed at a copy without policies, a dimension over another column, a metric over another measure: nothing that protects was
touched, and yet more can be seen under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.protection import reading, rows, together
from app.compile.diff.renames import Pairing, Parts
from app.compile.diff.report import Action, Direction, Kind
from app.model.expr import Expr
from app.model.metrics import Metric, measure_inputs, metric_inputs
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.semantics import Dimension, Entity, Measure, SemanticModel
from app.sql.expressions.walk import columns

HINT = "more may be seen under this name than before: have it reviewed as a change of rights"


def compare_repointed(paired: Pairing, old: Ontology, new: Ontology, changes: Changes) -> None:
    """Every name that stands on other data, where that is not known to be protected as well."""
    for parts in paired.parts:
        before, after = old.model(parts.old.model), new.model(parts.new.model)
        if before is None or after is None:
            continue
        if before.name != after.name:
            subject = Subject("semantic_model", parts.new.name)
            _tell(subject, rows(before, after, old.default_access, new.default_access), before.name, after.name, "model", changes)
        for kind, one, other in _elements(parts):
            if (before.name, one.expr) != (after.name, other.expr):
                direction = reading(before, after, _names(one.expr), _names(other.expr))
                _tell(Subject(kind, other.name, parts.new.name), direction, one.expr, other.expr, "expr", changes)
    for metric, renewed in (*paired.metrics.same, *paired.metrics.renamed):
        _metric(metric, renewed, old, new, changes)


def _elements(parts: Parts) -> Iterator[tuple[str, Entity | Dimension | Measure, Entity | Dimension | Measure]]:
    for kind, matched in (("entity", parts.entities), ("dimension", parts.dimensions), ("measure", parts.measures)):
        yield from ((kind, one, other) for one, other in (*matched.same, *matched.renamed))


def _names(expr: Expr) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.name for column in columns(expr)))


def _metric(one: Metric, other: Metric, old: Ontology, new: Ontology, changes: Changes) -> None:
    """A metric over rows of a model which none of those that it was over protects as well."""
    before, after = _models(one, old), _models(other, new)
    come = [model for name, model in after.items() if name not in before]
    if not come or not before:
        return
    pairs = ([rows(model, fresh, old.default_access, new.default_access) for model in before.values()] for fresh in come)
    direction = together(Direction.SAME if _is_kept(directions) else Direction.UNCLEAR for directions in pairs)
    _tell(Subject("metric", other.name), direction, tuple(before), tuple(after), "models", changes)


def _is_kept(directions: list[Direction]) -> bool:
    return all(direction in (Direction.SAME, Direction.TIGHTENED) for direction in directions)


def _models(metric: Metric, ontology: Ontology) -> dict[str, Model]:
    """The models that a metric's measures read, by name."""
    found: dict[str, Model] = {}
    seen: set[str] = set()
    waiting: list[Metric | None] = [metric]
    while waiting:
        one = waiting.pop()
        if one is None or one.name in seen:
            continue
        seen.add(one.name)
        waiting += [ontology.metric(given.metric) for given in metric_inputs(one.params)]
        for given in measure_inputs(one.params):
            owner: SemanticModel | None = ontology.semantic_model(given.semantic_model)
            model = ontology.model(owner.model) if owner is not None else None
            if model is not None:
                found[model.name] = model
    return found


def _tell(subject: Subject, direction: Direction, before: Any, after: Any, field: str, changes: Changes) -> None:
    if direction in (Direction.LOOSENED, Direction.UNCLEAR):
        told = "stands on other data, of which more may be seen"
        changes.protection(subject, Action.CHANGED, Kind.MEANING, direction, before, after, field, HINT, told)
