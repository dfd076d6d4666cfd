"""Metrics of others as dbt measures and metrics: aggregations become measures, what is reckoned with them a ratio or derived metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Never

from app.compile.derive.words import in_words
from app.compile.interchange.calculations import TRUNCATING, bare_divisions, ratio_of
from app.compile.interchange.datasets import Dataset, Datasets, Words
from app.compile.interchange.definitions import Definition
from app.compile.interchange.findings import Findings
from app.compile.interchange.homes import Homes, Misplaced
from app.compile.interchange.naming import Names, dbt_name
from app.compile.interchange.sql_text import Unspeakable, expression_sql, filter_sql
from app.errors import Where
from app.model.expr import Binary, Column, Expr, Field
from app.model.types import Aggregation, DataType
from app.sql.expressions.aggregates import AGGREGATE, Aggregate, Calculation
from app.sql.expressions.walk import replace_leaves, walk


@dataclass(slots=True)
class Source:
    """A metric as a source has it. `window` (`28 days`) or `to_date` (`month`) accumulate it, `everything` over all time; `offset` moves it back."""

    name: str
    subject: str
    where: Where
    home: Dataset | None
    calculation: Calculation
    words: Words
    window: str = ""
    to_date: str = ""
    everything: bool = False
    offset: str = ""
    dialect: str = ""
    """The SQL that it is written in, where that is not the project's."""
    exact: Definition | None = None
    """The definition that is taken as it is."""

    @property
    def key(self) -> tuple[str, str]:
        """Dataset and name, by which others refer to it."""
        return (self.home.name if self.home else "", self.name)


class Left(Exception):
    """A metric is left out; the report says why."""


@dataclass(slots=True)
class Metrics:
    """Drafts the metrics of one import, after its datasets."""

    datasets: Datasets
    findings: Findings
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)
    made: dict[str, Definition] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """The semantic model beside which a metric is written."""
    names: Names = field(default_factory=Names)
    measures: Names = field(default_factory=Names)
    _named: dict[tuple[str, str], str] = field(default_factory=dict)
    _under_way: list[tuple[str, str]] = field(default_factory=list)
    _by_measure: dict[tuple[str, Aggregate], str] = field(default_factory=dict)
    _simple: dict[tuple[str, str], str] = field(default_factory=dict)
    _out: set[tuple[str, str]] = field(default_factory=set)

    def add(self, source: Source) -> None:
        """Take a metric in."""
        if source.key in self.sources:
            self.findings.lost(source.subject, "another metric has the name", "the metric", source.where)
            return
        self.sources[source.key] = source

    def finish(self) -> None:
        """Draft every metric: those of one aggregation first, so that others stand on them."""
        self._name_all()
        plain = [s for s in self.sources.values() if not s.window and not s.everything and not s.to_date and not s.offset]
        exact = [s for s in self.sources.values() if s.exact is not None]
        single = [s for s in plain if isinstance(s.calculation.expr, Column) and s.calculation.expr.table == AGGREGATE]
        for source in (*exact, *single, *self.sources.values()):
            if source.key not in self._out and self._named[source.key] not in self.made:
                try:
                    self._draft(source)
                except Left:
                    self._out.add(source.key)
        for name, made in self.made.items():
            self.homes[name] = self.homes[name] or self._beside(made, [])
        twice = sorted(set(self.made) & self.datasets.catalog.metrics)
        if twice:
            reason = "the project has metrics of the same names already, and dbt refuses two"
            self.findings.assumed(f"metrics {', '.join(f'`{name}`' for name in twice)}", reason, code="DM2665", hint="keep one of them")

    def _beside(self, definition: Definition, seen: list[str]) -> str:
        """The semantic model beside which an exact definition is written: that of the first measure it stands on."""
        params = definition.get("type_params", {})
        measure = params.get("measure") or params.get("conversion_type_params", {}).get("base_measure") or ""
        measure = measure if isinstance(measure, str) else measure["name"]
        if measure:
            owners = self.datasets.found.values()
            return next((d.semantic_name for d in owners if any(m["name"] == measure for m in d.definition.get("measures", ()))), "")
        given = params.get("numerator") or next(iter(params.get("metrics", ())), "")
        name = given if isinstance(given, str) else given["name"]
        return self._beside(self.made[name], [*seen, name]) if name in self.made and name not in seen else ""

    def _name_all(self) -> None:
        """A name each; one that several datasets have is preceded by its dataset's."""
        wanted: dict[str, list[Source]] = {}
        self.names.taken |= {source.name for source in self.sources.values() if source.exact is not None}
        self.measures.taken |= {measure["name"] for d in self.datasets.found.values() for measure in d.definition.get("measures", ())}
        for source in self.sources.values():
            wanted.setdefault(dbt_name(source.name), []).append(source)
        for name, sources in wanted.items():
            for source in sources:
                if source.exact is not None:
                    self._named[source.key] = source.name
                    continue
                longer = f"{source.home.semantic_name}_{name}" if source.home else name
                given = self.names.give(*((name, longer) if len(sources) == 1 else (longer,)))
                self._named[source.key] = given
                if given != source.name:
                    why = (
                        "several datasets have a metric of the name"
                        if len(sources) > 1
                        else "dbt takes lower case, digits and single underscores"
                    )
                    self.findings.changed(source.subject, why, f"it is called `{given}`", source.where, code="DM2652")

    def _draft(self, source: Source) -> str:
        """Draft a metric, and give its name. Raises Left."""
        if source.key in self._out:
            raise Left
        name = self._named[source.key]
        if name in self.made:
            return name
        if source.key in self._under_way:
            self.findings.lost(source.subject, "it stands on itself", "the metric", source.where, code="DM2659")
            raise Left
        self._under_way.append(source.key)
        try:
            self._write(source, name)
        except Unspeakable as error:
            self.findings.lost(source.subject, str(error), "the metric", source.where, code="DM2654")
            raise Left from None
        finally:
            self._under_way.pop()
        return name

    def _write(self, source: Source, name: str) -> None:
        if source.exact is not None:
            self.made[name], self.homes[name] = source.exact, source.home.semantic_name if source.home else ""
            return
        expr, aggregates = source.calculation.expr, source.calculation.aggregates
        accumulated = bool(source.window or source.to_date or source.everything)
        if isinstance(expr, Column) and expr.table == AGGREGATE:
            home, given, condition = self._measure(source, aggregates[int(expr.name)], name)
            if accumulated:
                span = {"window": source.window, "grain_to_date": source.to_date, "period_agg": "last"}
                params: Definition = {"measure": given, "cumulative_type_params": {key: value for key, value in span.items() if value}}
                self._keep(source, name, "cumulative", params, home, condition)
            else:
                self._keep(source, name, "simple", {"measure": given}, home, condition)
                self._simple.setdefault((given, str(condition)), name)
            return
        if accumulated:
            self._lose(source, "only one aggregation can be accumulated", "the metric")
        inputs: dict[Column, str] = {}
        homes: list[Dataset] = []

        def named(leaf: Expr) -> Expr:
            metric = ""
            if isinstance(leaf, Column) and leaf.table == AGGREGATE:
                metric = self._part(source, aggregates[int(leaf.name)], homes)
            elif isinstance(leaf, Field):
                metric = self._other(source, leaf)
            if metric:
                inputs[Column(metric)] = metric
                return Column(metric)
            if isinstance(leaf, Column):
                self._lose(source, f"`{leaf.name}` stands outside of an aggregation", "the metric", code="DM2659")
            return leaf

        calculated = replace_leaves(expr, named)
        self._whole_numbers(source, expr)
        beside = source.home or (homes[0] if homes else None)
        ratio = ratio_of(calculated)
        if ratio and not source.offset and ratio[0] != ratio[1]:
            self._keep(source, name, "ratio", {"numerator": inputs[ratio[0]], "denominator": inputs[ratio[1]]}, beside)
            return
        if not inputs:
            self._lose(source, "it aggregates nothing", "the metric")
        metrics: list[Definition] = [{"name": metric} for metric in inputs.values()]
        if source.offset:
            # An alias tells the number as it was from the number as it is.
            aliases = {Column(metric): Column(f"{metric}_before") for metric in inputs.values()}
            calculated = replace_leaves(calculated, lambda leaf: aliases.get(leaf, leaf) if isinstance(leaf, Column) else leaf)
            metrics = [m | {"alias": f"{m['name']}_before", "offset_window": source.offset} for m in metrics]
        params = {"expr": expression_sql(calculated, self.datasets.dialect), "metrics": metrics}
        self._keep(source, name, "derived", params, beside)

    def _part(self, source: Source, aggregate: Aggregate, homes: list[Dataset]) -> str:
        """A metric for one aggregation of a calculation: one of the source that is the same, or one made for it."""
        home, measure, condition = self._measure(source, aggregate, "")
        homes.append(home)
        known = self._simple.get((measure, str(condition)))
        if known is not None:
            return known
        name = self.names.give(measure, f"{measure}_metric")
        made: Definition = {"name": name, "label": in_words(name), "description": f"A part of {source.words.label or source.name}."}
        made |= {"type": "simple", "type_params": {"measure": measure}} | (
            {"filter": self._filter(condition)} if condition is not None else {}
        )
        self.made[name], self.homes[name] = made, home.semantic_name
        self._simple[measure, str(condition)] = name
        return name

    def _measure(self, source: Source, aggregate: Aggregate, wanted: str) -> tuple[Dataset, str, Expr | None]:
        """The measure of an aggregation with its dataset and the filter that no measure can hold. Raises Left."""
        try:
            home, placed, condition = Homes(self.datasets).place(aggregate, source.home)
        except Misplaced as error:
            self._lose(source, str(error), "the metric", code=error.code)
        self.datasets.find_time(home)
        if not home.times:
            self._lose(source, f"dbt wants a time dimension for measures, and {home.subject} has none", "the metric")
        if condition is not None:
            self.findings.changed(
                source.subject,
                "its condition is on another dataset, so it filters the metric",
                "groups in which no row meets the condition have no row, in place of nothing or zero",
                source.where,
            )
        if aggregate.approximate and aggregate.agg is Aggregation.COUNT_DISTINCT:
            self.findings.changed(source.subject, "measures count exactly", "an estimate is now the exact number, and slower", source.where)
        known = self._by_measure.get((home.name, placed))
        if known is not None:
            return home, known, condition
        fallback = f"{home.semantic_name}_{placed.agg}_{_said(placed)}"
        name = next(n for n in _candidates(wanted, fallback) if n not in self.measures.taken and n not in home.elements.taken)
        self.measures.taken.add(name)
        home.elements.taken.add(name)
        made: Definition = {"name": name, "agg": placed.agg.value, "expr": self._expr(placed.expr, name)}
        if placed.percentile is not None:
            made["agg_params"] = {
                "percentile": placed.percentile,
                "use_discrete_percentile": placed.discrete,
                "use_approximate_percentile": placed.approximate,
            }
        home.definition["measures"].append(made)
        self._by_measure[home.name, placed] = name
        return home, name, condition

    def _other(self, source: Source, reference: Field) -> str:
        """The metric that a reference names. Raises Left."""
        dataset = reference.path[0] if reference.path else source.home.name if source.home else ""
        other = self.sources.get((dataset, reference.name))
        if other is None:
            shown = ".".join((*reference.path, reference.name))
            self._lose(source, f"it stands on `{shown}`, which is no metric of the files", "the metric", code="DM2659")
        try:
            return self._draft(other)
        except Left:
            self._lose(source, f"it stands on `{reference.name}`, which is not carried", "the metric", code="DM2659")

    def _whole_numbers(self, source: Source, expr: Expr) -> None:
        """Report divisions of whole numbers, which the source's SQL cuts."""
        if (source.dialect or self.datasets.dialect) not in TRUNCATING:
            return
        for left, right in bare_divisions(expr):
            if self._is_whole(source, left) and self._is_whole(source, right):
                self.findings.changed(
                    source.subject,
                    "division is real here",
                    "the source's SQL cuts the fraction off where both sides are whole numbers",
                    source.where,
                )

    def _is_whole(self, source: Source, expr: Expr, within: tuple[str, ...] = ()) -> bool:
        """Whether every number in it may be a whole one, as far as is known."""
        for node in walk(expr):
            if isinstance(node, Column) and node.table == AGGREGATE:
                aggregate = source.calculation.aggregates[int(node.name)]
                if aggregate.agg in (Aggregation.AVERAGE, Aggregation.MEDIAN, Aggregation.PERCENTILE):
                    return False
                kinds = {
                    self.datasets.catalog.type_of(source.home.model if source.home else None, c.name)
                    for c in walk(aggregate.expr)
                    if isinstance(c, Column)
                }
                if aggregate.agg in (Aggregation.SUM, Aggregation.MIN, Aggregation.MAX) and not kinds <= {DataType.INTEGER}:
                    return False
            elif isinstance(node, Field):
                other = self.sources.get((node.path[0] if node.path else source.key[0], node.name))
                if (
                    other is None
                    or other.exact is not None
                    or len(within) > 20
                    or not self._is_whole(other, other.calculation.expr, (*within, source.name))
                ):
                    return False
            elif isinstance(node, Binary) and node.op == "/":
                return False
        return True

    def _keep(self, source: Source, name: str, kind: str, params: Definition, home: Dataset | None, condition: Expr | None = None) -> None:
        made: Definition = {"name": name, "label": source.words.label or in_words(name), "description": source.words.description}
        made |= {"type": kind, "type_params": params}
        if condition is not None:
            made["filter"] = self._filter(condition)
        self.made[name] = made | {"config": source.words.config()}
        self.homes[name] = home.semantic_name if home else ""

    def _lose(self, source: Source, reason: str, lost: str, *, code: str = "DM2653") -> Never:
        self.findings.lost(source.subject, reason, lost, source.where, code=code)
        raise Left

    def _filter(self, condition: Expr) -> str:
        return filter_sql(condition, self.datasets.dialect)

    def _expr(self, expr: Expr, name: str) -> str:
        return "" if expr == Column(name) else expression_sql(expr, self.datasets.dialect)


def _said(aggregate: Aggregate) -> str:
    """What is aggregated, in a word: its one column, `rows`, or `value` for what is reckoned."""
    if aggregate.rows:
        return "rows"
    return dbt_name(aggregate.expr.name) if isinstance(aggregate.expr, Column) else "value"


def _candidates(wanted: str, fallback: str) -> Iterator[str]:
    """Names for a measure, the best first; without end."""
    yield from filter(None, (wanted, f"{wanted}_measure" if wanted else "", fallback))
    yield from (f"{fallback}_{number}" for number in count(2))
