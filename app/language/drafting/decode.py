"""A model's text becomes a query over what the caller may see, or Problems that say where it is none. Any text is read; nothing is raised.

A name that is hidden from the caller is as unknown as one that there is not, in the same words. The Problems are given back to the model: they tell a place and
what may stand there, and repeat nothing of what it wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.errors import Problem, UserError, Where
from app.language.build import Builder
from app.language.drafting.filters import NO_ITEM, Filters
from app.language.drafting.form import LONGEST, PARTS_OF_DATES, Computed, Drafting, Item, Said, TotalRows
from app.language.drafting.literals import NoValueError, Values
from app.language.drafting.shapes import bounds, computed, ranked
from app.model.expr import Field, IsNull
from app.model.ontology import Ontology
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.shapes import Calculation, Share, Totals
from app.model.types import DatePart, Grain
from app.sql.calculations import default_name
from app.sql.expressions.walk import conjunction

MOST = 50
"""Entries of one list of a draft."""
_TOTALS = {TotalRows.NONE: Totals.NONE, TotalRows.GRAND: Totals.GRAND, TotalRows.ALL: Totals.ALL}
_PLACE = re.compile(r"`\$\.?([^`]*)`$")
_METRIC = "there is no such metric"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a model said: a query, or that it has none (`declined`), or that it would ask (`asks`), or what is wrong with its draft."""

    query: SemanticQuery | None = None
    declined: bool = False
    asks: bool = False
    problems: tuple[Problem, ...] = ()


def decode(text: str, builder: Builder, values: Values, visible: Ontology) -> Decoded:
    """Read what a model said."""
    try:
        said = _said(text)
    except _FormError as error:
        return Decoded(problems=(_problem("DM6090", error.path, error.why),))
    if said.query is None:
        if said.ask:
            return Decoded(asks=True)
        return Decoded(declined=True) if said.cannot_answer else Decoded(problems=(_problem("DM6090", "", _ONE_OF),))
    return _Decoder(said.query, builder, values, visible).decoded()


class _FormError(Exception):
    """That a text has not the form of a draft, and where."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path, self.why = path, why


_ONE_OF = "one of `query`, `cannot_answer` and `ask` is to be set"


def _said(text: str) -> Said:
    try:
        if len(text.encode()) > LONGEST:
            raise _FormError("", f"a draft has at most {LONGEST} bytes")
        return msgspec.convert(_without_nulls(msgspec.json.decode(text)), Said)
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        raise _FormError(found[1] if found else "", "this is not what the schema has here") from None
    except (msgspec.DecodeError, UnicodeError):
        raise _FormError("", "this is no JSON document") from None
    except (RecursionError, ValueError, OverflowError, ArithmeticError):
        raise _FormError("", "this is not what the schema has") from None


def _without_nulls(value: Any) -> Any:
    """What is null is not there: some models fill in every property."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(held) for key, held in value.items() if held is not None}
    return [_without_nulls(held) for held in value] if isinstance(value, list) else value


def _problem(code: str, path: str, why: str) -> Problem:
    return Problem(code, why, where=Where(path=path))


class _Decoder:
    """Reads one draft; collects all that is wrong with it."""

    def __init__(self, draft: Drafting, builder: Builder, values: Values, visible: Ontology) -> None:
        self._draft, self._builder, self._values, self._visible = draft, builder, values, visible
        self._problems: list[Problem] = []

    def decoded(self) -> Decoded:
        try:
            query = self._query()
            query.canonical()  # what can't be written down as text is no query
        except UserError:
            self._say("", "this can't be put together")
        except (UnicodeError, OverflowError, ArithmeticError, ValueError):
            self._say("", "a value of it can't be asked for")
        if self._problems:
            return Decoded(problems=tuple(dict.fromkeys(self._problems)))
        return Decoded(query)

    def _say(self, path: str, why: str) -> None:
        self._problems.append(_problem("DM6090", path, why))

    def _query(self) -> SemanticQuery:
        draft = self._draft
        for name in ("metrics", "group_by", "filters", "segments", "having", "calculations", "order"):
            if len(getattr(draft, name)) > MOST:
                self._say(name, f"at most {MOST} entries")
        if self._problems:
            return SemanticQuery()
        said = [self._metric(f"metrics[{at}]", name) for at, name in enumerate(draft.metrics)]
        meant = [self._metric(f"having[{at}].metric", one.metric) for at, one in enumerate(draft.having)]
        meant += [self._metric("top.by", draft.top.by)] if draft.top is not None else []
        of = [self._metric(f"calculations[{at}].metric", one.metric) for at, one in enumerate(draft.calculations)]
        if self._problems:
            return SemanticQuery()
        asked = tuple(dict.fromkeys((*said, *meant, *of)))
        metrics = tuple(dict.fromkeys((*said, *meant)))
        by = tuple(dict.fromkeys(self._item(f"group_by[{at}]", one, asked) for at, one in enumerate(draft.group_by)))
        columns = self._calculations(draft.calculations, by)
        span = None
        if draft.period is not None:
            try:
                span = self._values.period(draft.period.phrase, draft.period.start, draft.period.end)
            except NoValueError as error:
                self._say("period", str(error))
        filters = Filters(self._builder, self._values, asked, self._say)
        where = filters.condition(draft.filters)
        self._listable(asked, by)
        known = self._known(by, columns) if draft.top is not None or draft.having else []
        query = SemanticQuery(
            metrics=metrics,
            group_by=by,
            where=conjunction(where, *known),
            time=span,
            having=bounds(draft.having, columns, self._builder.lexicon, self._values, self._say),
            order_by=self._order(by, metrics, columns),
            calculations=columns,
            totals=_TOTALS[draft.totals] if by else Totals.NONE,
            segments=tuple(dict.fromkeys(self._segment(at, name) for at, name in enumerate(draft.segments))),
        )
        return ranked(query, draft.top, lambda path, name: self._column(path, name, by), self._say) if draft.top is not None else query

    def _metric(self, path: str, name: str) -> str:
        if name not in self._builder.lexicon.metrics:
            self._say(path, _METRIC)
        return name

    def _segment(self, at: int, name: str) -> str:
        if all(one.name != name for one in self._visible.segments):
            self._say(f"segments[{at}]", "there is no such segment")
        return name

    def _item(self, path: str, one: Item, metrics: tuple[str, ...]) -> GroupBy:
        name = self._name(f"{path}.name", one.name, metrics)
        if not one.grain:
            return GroupBy(name)
        custom = {grain for spine in self._visible.time_spines for grain, _ in spine.custom}
        facts = self._builder.lexicon.at_the_end_of(name)
        if name != "metric_time" and (facts is None or not facts.is_time):
            self._say(f"{path}.grain", "only times have a grain")
        elif one.grain in PARTS_OF_DATES:
            return GroupBy(name, date_part=DatePart(PARTS_OF_DATES[one.grain]))
        elif one.grain not in {grain.value for grain in Grain} | custom:
            self._say(f"{path}.grain", "there is no such grain")
        return GroupBy(name, one.grain)

    def _name(self, path: str, name: str, metrics: tuple[str, ...]) -> str:
        """The whole name of a group-by item; of an entity that of what stands for it."""
        found = self._builder.item(self._builder.lexicon.display.get(name, name), metrics) or self._builder.again(name, metrics)
        if found is None:
            self._say(path, NO_ITEM)
        return found or name

    def _column(self, path: str, name: str, by: Sequence[GroupBy]) -> str:
        """The column of a group-by item of this draft that a name means."""
        shown = self._builder.lexicon.display.get(name, name)
        found = next((one.column for one in by if shown in (one.column, one.name) or one.name.endswith(f"__{shown}")), None)
        if found is None:
            self._say(path, "this is none of the items in `group_by`")
        return found or name

    def _calculations(self, listed: Sequence[Computed], by: Sequence[GroupBy]) -> tuple[Calculation, ...]:
        found = []
        for at, one in enumerate(listed):
            path = f"calculations[{at}]"
            within = tuple(self._column(f"{path}.within[{n}]", name, by) for n, name in enumerate(one.within))
            shape = computed(one, within, path, self._say)
            if shape is not None:
                found.append(Calculation(default_name(shape), shape))
        return tuple(dict.fromkeys(found))

    def _listable(self, asked: tuple[str, ...], by: Sequence[GroupBy]) -> None:
        """Single values that are personal are listed to nobody, whoever drafts."""
        if not asked and not by:
            self._say("metrics", "it asks for nothing: name a metric")
        elif not asked:
            personal = self._builder.lexicon.personal
            facts = [self._builder.lexicon.at_the_end_of(one.name) for one in by]
            if any(one is not None and one.name in personal for one in facts):
                self._say("group_by", "personal data is not listed in answers: ask how many there are")

    @staticmethod
    def _known(by: Sequence[GroupBy], columns: Sequence[Calculation]) -> list[IsNull]:
        """As the grounded interpreter has it: groups among which some are chosen are known, but of a share all rows are the whole."""
        if any(isinstance(one.shape, Share) for one in columns):
            return []
        plain = (one for one in by if one.name != "metric_time" and not one.grain and "__" in one.name)
        return [IsNull(Field(one.name), negated=True) for one in plain]

    def _order(self, by: Sequence[GroupBy], metrics: Sequence[str], columns: Sequence[Calculation]) -> tuple[OrderBy, ...]:
        named = {*metrics, *(one.name for one in columns)}
        found = [
            OrderBy(one.by if one.by in named else self._column(f"order[{at}].by", one.by, by), one.descending)
            for at, one in enumerate(self._draft.order)
        ]
        if found:
            return tuple(dict.fromkeys(found))
        dated = [one for one in by if one.name == "metric_time" and not one.date_part]
        return (OrderBy(dated[0].column),) if dated and metrics else ()
