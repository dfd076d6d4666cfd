"""The published layer to read, as far as the caller may know of it."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import UserError
from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.semantics import SemanticModel
from app.service import catalogue
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.left_out import with_cause


def metrics(deps: Deps, caller: Caller) -> tuple[catalogue.MetricCard, ...]:
    """The visible metrics, by name."""
    return catalogue.metrics(deps.serving.view(caller.principal).visible)


def metric(deps: Deps, caller: Caller, name: str) -> catalogue.MetricCard:
    """One metric with its compatible dimensions. Raises UserError DM3001 where it is not visible."""
    served = deps.serving.view(caller.principal)
    try:
        return catalogue.metric(served.visible, served.joins, name)
    except UserError as error:
        raise with_cause(error, name, served.layer, caller.principal) from None


def dimensions(deps: Deps, caller: Caller, *, of: Sequence[str] = ()) -> tuple[catalogue.DimensionCard, ...]:
    """The visible dimensions; with `of`, those that all of these metrics share. Raises UserError DM3001."""
    served = deps.serving.view(caller.principal)
    return catalogue.dimensions(served.visible, served.joins, of)


def dimension(deps: Deps, caller: Caller, name: str) -> catalogue.DimensionCard:
    """One dimension. Raises UserError DM3002 where it is not visible."""
    served = deps.serving.view(caller.principal)
    return catalogue.dimension(served.visible, served.joins, name)


def entities(deps: Deps, caller: Caller) -> tuple[catalogue.EntityCard, ...]:
    """The visible entities, by name."""
    return catalogue.entities(deps.serving.view(caller.principal).visible)


def entity(deps: Deps, caller: Caller, name: str) -> catalogue.EntityCard:
    """One entity. Raises UserError DM3003 where it is not visible."""
    return catalogue.entity(deps.serving.view(caller.principal).visible, name)


def semantic_models(deps: Deps, caller: Caller) -> tuple[SemanticModel, ...]:
    """The visible semantic models, by name."""
    return deps.serving.view(caller.principal).visible.semantic_models


def segments(deps: Deps, caller: Caller) -> tuple[catalogue.SegmentCard, ...]:
    """The visible segments, by name."""
    return catalogue.segments(deps.serving.view(caller.principal).visible)


def hierarchies(deps: Deps, caller: Caller) -> tuple[catalogue.HierarchyCard, ...]:
    """The visible hierarchies, by name."""
    return catalogue.hierarchies(deps.serving.view(caller.principal).visible)


def glossary(deps: Deps, caller: Caller) -> tuple[catalogue.Term, ...]:
    """Every label and synonym of what is visible, by term."""
    return catalogue.glossary(deps.serving.view(caller.principal).visible)


def meanings(deps: Deps, caller: Caller, word: str) -> tuple[catalogue.Term, ...]:
    """What a word means in what is visible. Raises UserError DM3093 where it means nothing."""
    return catalogue.meanings(deps.serving.view(caller.principal).visible, word)


def read_words(deps: Deps, caller: Caller, question: str) -> Reading:
    """Stage 1 alone: what the question is taken to mean."""
    served = deps.serving.view(caller.principal)
    return interpret(question, served.lexicon, served.visible, served.joins, deps.calendar.moment(deps.clock))
