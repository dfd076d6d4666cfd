"""A model → the draft of its semantic model and metrics: what is derived for certain, and what is guessed beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.compile.derive.dimensions import grain_of
from app.compile.derive.times import Chosen, counted_by
from app.compile.derive.words import free, identifier, in_words, subject_of_key
from app.compile.drafts.evidence import Evidence
from app.compile.drafts.guesses import Weight, aggregation, is_state, looks_like_text, looks_like_time
from app.model.expr import Column
from app.model.physical import Model, ModelColumn
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.model.types import Aggregation, DataType, Grain


@dataclass(frozen=True, slots=True)
class DraftEntity:
    """An entity, why, and whether it is certain."""

    name: str
    type: EntityType
    column: str
    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class DraftDimension:
    """A dimension over one column; `grain` is set for times."""

    name: str
    column: str
    grain: Grain | None
    description: str
    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class DraftMeasure:
    """A measure with the simple metric over it; `column` is "" where rows are counted. `at_end` says that the last value of a period counts."""

    name: str
    aggregation: Aggregation
    column: str
    label: str
    description: str
    why: str
    sure: bool = True
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class DraftModel:
    """The draft of one semantic model. `time` is by what its measures are counted, None where nothing can be: then it has no measure that is certain."""

    name: str
    model: Model
    primary: str
    described_in: str
    time: Chosen | None
    entities: Sequence[DraftEntity] = ()
    dimensions: Sequence[DraftDimension] = ()
    measures: Sequence[DraftMeasure] = ()
    notes: Sequence[str] = field(default=())


@dataclass(slots=True)
class Drafter:
    """Drafts one model after the other; names of measures and metrics are given once in the project."""

    evidence: Evidence
    taken: set[str]
    keys: Mapping[str, tuple[str, str]]
    """What a key is called → the model and column that bear it: where a column of that name may lead."""
    cataloged: Collection[tuple[str, str]]
    """(model, column) pairs whose type the catalog tells."""

    def draft(self, model: Model, derived: SemanticModel, event_time: str, grain: Grain) -> DraftModel:
        """The draft of a model for which a semantic model was derived; no time is finer than `grain`."""
        columns = {column.name: column for column in model.columns}
        used = {e.expr.name for e in derived.entities if isinstance(e.expr, Column)}
        entities = [self._entity(e, model, columns) for e in derived.entities if isinstance(e.expr, Column)]
        entities += self._guessed_entities(model, used, {e.name for e in entities} | {d.name for d in derived.dimensions})
        dimensions = [self._dimension(d, model, columns, grain) for d in derived.dimensions if isinstance(d.expr, Column)]
        time = _time(dimensions, columns, event_time)
        names = {e.name for e in entities} | {d.name for d in dimensions}
        measures = self._measures(model, derived, time is not None, names, columns)
        return DraftModel(
            derived.name, model, derived.primary, self.evidence.model(model), time, tuple(entities), tuple(dimensions), tuple(measures)
        )

    def _entity(self, entity: Entity, model: Model, columns: Mapping[str, ModelColumn]) -> DraftEntity:
        column = columns[entity.expr.name]  # type: ignore[union-attr] # only columns come here
        if entity.type is EntityType.FOREIGN:
            why = self.evidence.reference(model, column)
        elif entity.type is EntityType.UNIQUE:
            why = f"{self.evidence.key(model, column)}; another model leads here under this name"
        else:
            why = self.evidence.key(model, column)
        return DraftEntity(entity.name, entity.type, column.name, f"{entity.type}: {why}")

    def _guessed_entities(self, model: Model, used: Collection[str], names: Collection[str]) -> list[DraftEntity]:
        """Columns that are called like the key of another model, and that no test leads there."""
        found = []
        for column in model.columns:
            subject = subject_of_key(column.name)
            aim = self.keys.get(subject)
            if aim is None or aim[0] == model.name or column.name in used or subject in names or column.name.lower() != aim[1].lower():
                continue
            why = f"foreign? it is called like the key of {aim[0]}; no relationships test leads there"
            found.append(DraftEntity(subject, EntityType.FOREIGN, column.name, why, sure=False))
        return found

    def _dimension(self, dimension: Dimension, model: Model, columns: Mapping[str, ModelColumn], finest: Grain) -> DraftDimension:
        column = columns[dimension.expr.name]  # type: ignore[union-attr] # only columns come here
        kind = self.evidence.kind(column, from_catalog=(model.name, column.name) in self.cataloged)
        grain, why, sure = None, kind, True
        if dimension.type is DimensionType.TIME:
            grain = column.grain or max(grain_of(column), finest, key=lambda g: g.order)
            why = f"time: {kind}"
        elif looks_like_time(column):
            grain, why, sure = Grain.DAY, f"time? its name says so; {kind}", False
        elif looks_like_text(column):
            why, sure = f"free text? its name says so; {kind}", False
        elif (guess := aggregation(column)) and column.type is DataType.OTHER:
            why, sure = f"a figure? `{guess[1]}` in its name; {kind}", False
        elif said := self.evidence.values(model, column):
            why = f"{said}; {kind}"
        if column.pii:
            why += f"; personal ({column.pii}): its policies hold wherever it is read"
        return DraftDimension(dimension.name, column.name, grain, column.description, why, sure)

    def _measures(
        self, model: Model, derived: SemanticModel, timed: bool, names: Collection[str], columns: Mapping[str, ModelColumn]
    ) -> list[DraftMeasure]:
        held = set(names)
        subject = derived.primary or derived.name

        def named(stem: str) -> str:
            name = stem if stem not in self.taken | held else free(f"{subject}_{stem}", self.taken | held)
            self.taken.add(name)
            held.add(name)
            return name

        key = next((e.expr.name for e in derived.entities if e.type is EntityType.PRIMARY and isinstance(e.expr, Column)), "")
        why = f"rows: {key} is the primary key" if key else "rows: each one counts"
        count = named(f"{subject}_count")
        said = f"Rows of {model.name}."
        found = [DraftMeasure(count, Aggregation.COUNT, key, in_words(count), said, _without_time(why, timed), sure=timed)]
        for column in columns.values():
            guess = aggregation(column)
            if guess is None or column.pii or column.accepted_values or not column.name.isidentifier():
                continue
            agg, word, weight = guess
            kind = self.evidence.kind(column, from_catalog=(model.name, column.name) in self.cataloged)
            stem = identifier(column.name)
            stem = f"average_{stem}" if agg is Aggregation.AVERAGE and not stem.startswith("a") else stem
            said = f"`{word}` in its name" if word else "nothing in its name says what it is"
            why = f"{agg}{'' if weight is Weight.SURE else '?'}: {said}; {kind}"
            if is_state(column):
                why += "; a state: the last value of a period counts"
            name = named(stem)
            sure = timed and weight is Weight.SURE
            found.append(
                DraftMeasure(
                    name,
                    agg,
                    column.name,
                    in_words(name),
                    column.description,
                    _without_time(why, timed),
                    sure=sure,
                    at_end=is_state(column),
                )
            )
        return found


def _time(dimensions: Sequence[DraftDimension], columns: Mapping[str, ModelColumn], event_time: str) -> Chosen | None:
    """By which dimension rows are counted; where several would do the first is a guess, since dbt wants one."""
    times = [d for d in dimensions if d.grain is not None and d.sure]
    chosen = counted_by([columns[d.column] for d in times], event_time)
    if chosen is not None:
        return Chosen(next(d.name for d in times if d.column == chosen.column), chosen.why)
    if not times:
        return None
    first = min(times, key=lambda d: (not columns[d.column].not_null, list(columns).index(d.column)))
    return Chosen(
        first.name, f"a guess: {len(times)} times would do" if len(times) > 1 else "a guess: it is the only time, and tells of loading"
    )


def _without_time(why: str, timed: bool) -> str:
    return why if timed else f"{why}; dbt wants a time dimension for every measure, and none is certain here"
