"""Policies of the store, added to those that the models bring from dbt: one layer of rules, so that all that follows asks neither where one was written.

What can't be done as it is written closes the model: a filter that can't be read, or that names a column which the model lacks. What selects nothing any
more (a model, column, tag or class that is gone) binds nothing and is a warning: what it protected is gone too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from app.errors import DataMindError, Problem, Severity, Where
from app.model.expr import FALSE, Expr
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import AnyPolicy, ColumnPolicy, LimitPolicy, RowPolicy, SizePolicy
from app.model.written_policy import STORE, Bounds, Effect, PolicyDefinition, WrittenPolicy
from app.sql.expressions.predicate import parse_predicate
from app.sql.expressions.walk import columns as columns_of


@dataclass(slots=True)
class Selection:
    """What a policy selects: models as a whole, columns by their model's name; and what it names that is not there, each with its field."""

    whole: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def models(self) -> list[str]:
        """The models of which anything is selected."""
        return list(dict.fromkeys((*self.whole, *self.columns)))


class Selector:
    """Finds what policies select in a layer, by indexes: each policy costs what it selects, whatever the size of the layer."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology

    def select(self, definition: PolicyDefinition) -> Selection:
        """What the policy selects."""
        found = Selection()
        scope = [name for name in definition.models if self.ontology.model(name) is not None]
        found.missing += [("models", name) for name in definition.models if name not in scope]
        if definition.whole:
            found.whole = scope if definition.models else [model.name for model in self.ontology.models]
            return found
        within = set(scope) if definition.models else None
        columns: dict[str, dict[str, None]] = defaultdict(dict)
        for kind, name, tagged, pairs in self._named(definition):
            whole = [model for model in tagged if within is None or model in within]
            held = [(model, column) for model, column in pairs if within is None or model in within]
            if not whole and not held:
                found.missing.append((kind, name))
            found.whole += whole
            for model, column in held:
                columns[model][column] = None
        found.whole = list(dict.fromkeys(found.whole))
        found.columns = {model: list(names) for model, names in columns.items() if model not in found.whole}
        return found

    def names(self, model: str) -> frozenset[str]:
        """The columns of a model, as they are spelt."""
        return self._names_of[model]

    def _named(self, definition: PolicyDefinition) -> Iterator[tuple[str, str, Sequence[str], Sequence[tuple[str, str]]]]:
        for name in definition.columns:
            model, _, column = name.rpartition(".")
            exact = [(model, column)] if column in self._names_of.get(model, ()) else []
            yield "columns", name, (), exact or self._by_column.get(name, ())
        for tag in definition.tags:
            yield "tags", tag, self._tagged.get(tag, ()), self._by_tag.get(tag, ())
        for pii in definition.pii:
            yield "pii", pii, (), self._by_pii.get(pii, ())

    @cached_property
    def _names_of(self) -> Mapping[str, frozenset[str]]:
        return {model.name: frozenset(column.name for column in model.columns) for model in self.ontology.models}

    @cached_property
    def _by_column(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return _grouped((column.name, (model.name, column.name)) for model in self.ontology.models for column in model.columns)

    @cached_property
    def _by_tag(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        pairs = ((tag, (m.name, column.name)) for m in self.ontology.models for column in m.columns for tag in column.tags)
        return _grouped(pairs)

    @cached_property
    def _by_pii(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        pairs = ((one, (m.name, column.name)) for m in self.ontology.models for column in m.columns for one in column.pii_classes)
        return _grouped(pairs)

    @cached_property
    def _tagged(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for model in self.ontology.models:
            for tag in model.tags:
                found[tag].append(model.name)
        return found


def with_policies(ontology: Ontology, written: Iterable[WrittenPolicy]) -> tuple[Ontology, tuple[Problem, ...]]:
    """The layer with the store's policies among those of its models, and what is wrong with them. Models that none selects stay the very same."""
    selector = Selector(ontology)
    added: dict[str, list[AnyPolicy]] = defaultdict(list)
    problems: list[Problem] = []
    for one in sorted(written, key=lambda one: one.definition.name):
        if one.definition.enabled:
            for model, policies in _made(selector, one.definition, problems):
                added[model] += policies
    if not added:
        return ontology, tuple(problems)
    bundles: dict[tuple[int, ...], Bundle] = {}
    models = tuple(_with(model, _bundle(added[model.name], bundles)) if model.name in added else model for model in ontology.models)
    return replace(ontology, models=models), tuple(problems)


def _grouped(pairs: Iterable[tuple[str, tuple[str, str]]]) -> Mapping[str, Sequence[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, pair in pairs:
        found[key].append(pair)
    return found


Bundle = tuple[tuple[RowPolicy, ...], tuple[ColumnPolicy, ...], tuple[SizePolicy, ...], tuple[LimitPolicy, ...]]
"""What models get of the store, by kind. Models that get the same share it, so that what follows merges it once for all of them."""


def _bundle(policies: Sequence[AnyPolicy], known: dict[tuple[int, ...], Bundle]) -> Bundle:
    key = tuple(map(id, policies))
    if key not in known:
        known[key] = (
            tuple(one for one in policies if isinstance(one, RowPolicy)),
            tuple(one for one in policies if isinstance(one, ColumnPolicy)),
            tuple(one for one in policies if isinstance(one, SizePolicy)),
            tuple(one for one in policies if isinstance(one, LimitPolicy)),
        )
    return known[key]


def _with(model: Model, bundle: Bundle) -> Model:
    rows, columns, sizes, limits = bundle  # `+` and not a display: nothing and a tuple make that very tuple
    return replace(
        model,
        row_policies=model.row_policies + rows,
        column_policies=model.column_policies + columns,
        size_policies=model.size_policies + sizes,
        limit_policies=model.limit_policies + limits,
    )


def _made(selector: Selector, definition: PolicyDefinition, problems: list[Problem]) -> Iterator[tuple[str, Sequence[AnyPolicy]]]:
    """The policies that one of the store becomes, by model."""
    selection = selector.select(definition)
    problems.extend(_gone(definition, kind, name) for kind, name in selection.missing)
    name = f"{STORE}.{definition.name}"
    people: dict[str, Any] = {**definition.audience, "source": STORE}
    columns = _of_columns(name, definition, people)
    match definition.effect:
        case Effect.ROWS:
            predicate = _read(definition, problems)
            needs = {column.name for column in columns_of(predicate)} if predicate is not None else set()
            closing = [RowPolicy(name, "", FALSE, permissive=False, source=STORE)]
            holding = [RowPolicy(name, "", predicate, definition.permissive, **people)] if predicate is not None else closing
            for model in selection.models:
                lacking = needs - selector.names(model)
                if lacking:
                    problems.append(_lacks(definition, model, min(lacking)))
                yield model, closing if lacking else holding
        case Effect.LIMITS:
            bounds = definition.limits or Bounds()
            limits = [LimitPolicy(name, "", bounds.rows, bounds.seconds, bounds.scanned_rows, **people)]
            yield from ((model, limits) for model in selection.models)
        case Effect.DENY:
            closed = [RowPolicy(name, "", FALSE, permissive=False, **people)]
            yield from ((model, closed) for model in selection.whole)
            yield from ((model, [columns(column) for column in found]) for model, found in selection.columns.items())
        case _:
            yield from ((model, [columns(column) for column in found]) for model, found in _each(selector, selection))


def _of_columns(name: str, definition: PolicyDefinition, people: Mapping[str, Any]) -> Callable[[str], AnyPolicy]:
    """The policy of a column of that name, one for all models that have it."""
    made: dict[str, AnyPolicy] = {}

    def of(column: str) -> AnyPolicy:
        if column not in made:
            made[column] = (
                SizePolicy(name, "", column, definition.min_group_size, **people)
                if definition.effect is Effect.MIN_GROUP_SIZE
                else ColumnPolicy(name, "", column, None if definition.effect is Effect.DENY else definition.mask, **people)
            )
        return made[column]

    return of


def _each(selector: Selector, selection: Selection) -> Iterator[tuple[str, list[str]]]:
    """Every selected column, by model."""
    yield from ((model, sorted(selector.names(model))) for model in selection.whole)
    yield from selection.columns.items()


def _read(definition: PolicyDefinition, problems: list[Problem]) -> Expr | None:
    try:
        return parse_predicate(definition.rows)
    except DataMindError as error:
        message = (
            f"the filter of the store's policy `{definition.name}` can't be read, so nobody sees what it selects: {error.problem.message}"
        )
        problems.append(Problem("DM7046", message, where=Where(path=f"{STORE}.{definition.name}"), hint=error.problem.hint))
        return None


def _lacks(definition: PolicyDefinition, model: str, column: str) -> Problem:
    return Problem(
        "DM7046",
        f"the store's policy `{definition.name}` filters by `{column}`, which `{model}` does not have, so nobody sees `{model}`",
        where=Where(path=f"{STORE}.{definition.name}"),
        hint="correct the filter, or name the models that it is for",
    )


def _gone(definition: PolicyDefinition, kind: str, name: str) -> Problem:
    return Problem(
        "DM7045",
        f"the store's policy `{definition.name}` names `{name}` in its {kind}, which the layer does not have: there it binds nothing",
        Severity.WARNING,
        Where(path=f"{STORE}.{definition.name}"),
        "correct the policy, or remove it",
    )
