"""DM2704."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.compile.lint.definition import Definitions
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.model.expr import Binary, Column, Expr
from app.model.metrics import Derived, MetricInput, Ratio, Simple
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation
from app.sql.expressions.walk import conjunction, walk

_MIDDLES = frozenset({Aggregation.AVERAGE, Aggregation.MEDIAN, Aggregation.PERCENTILE})


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of a sum: the metric, and what of it can't be added to what; "" where it can be added."""

    metric: str
    kind: str = ""
    same: str = ""
    """Terms of a kind with the same value here are wrong to add (distinct counts of one thing)."""
    apart: str = ""
    """Terms of a kind with different values here are wrong to add (ratios with different denominators)."""


class NonAdditiveSum(Rule):
    """A derived metric that adds what can't be added.

    Distinct counts of one thing count twice who is in both. Ratios over different denominators, and averages over different rows, add up to nothing:
    the whole is the ratio of the sums. For example `expr: web_visitors + app_visitors`, of which each is a `count_distinct` of `visitor_id`.
    """

    code = "DM2704"

    def check(self, project: Linted) -> Iterator[Finding]:
        """Each sum in an expression of a derived metric with two such terms."""
        definitions = Definitions(project.ontology)
        for metric in project.metrics:
            if isinstance(metric.params, Derived):
                inputs = {given.alias or given.metric: given for given in metric.params.inputs}
                for terms in _sums(metric.params.expr, inputs):
                    said = _wrong([_term(given, project, definitions) for given in terms])
                    if said:
                        place = project.metric(metric.name, "type_params/expr")
                        yield Finding(f"metric `{metric.name}` {said[0]}", place, said[1], metric.name)


def _sums(expr: Expr, inputs: dict[str, MetricInput]) -> Iterator[list[MetricInput]]:
    """Of each chain of additions, the inputs that are terms of it as they are."""
    inner: set[int] = set()
    for node in walk(expr):
        if isinstance(node, Binary) and node.op == "+" and id(node) not in inner:
            terms: list[MetricInput] = []
            stack: list[Expr] = [node]
            while stack:
                term = stack.pop()
                if isinstance(term, Binary) and term.op == "+":
                    inner.add(id(term))
                    stack += [term.right, term.left]
                elif isinstance(term, Column) and term.name in inputs:
                    terms.append(inputs[term.name])
            yield terms


def _term(given: MetricInput, project: Linted, definitions: Definitions) -> _Term:
    metric = project.ontology.metric(given.metric)
    if metric is None or given.offset_window is not None or given.offset_to_grain:
        return _Term(given.metric)
    match metric.params:
        case Ratio(denominator=denominator):
            return _Term(metric.name, "ratio", apart=f"{definitions.of(denominator.metric)} {denominator.filter!r}")
        case Simple(input=measured):
            owner = project.ontology.semantic_model(measured.semantic_model)
            measure = owner.measure(measured.measure) if owner else None
            if owner is None or measure is None:
                return _Term(metric.name)
            rows = f"{owner.name} {conjunction(measured.filter, metric.filter, given.filter)!r}"
            if measure.agg in _MIDDLES:
                return _Term(metric.name, "middle", apart=rows)
            if measure.agg is Aggregation.COUNT_DISTINCT:
                return _Term(metric.name, "distinct", same=_thing(owner, measure))
    return _Term(metric.name)


def _thing(model: SemanticModel, measure: Measure) -> str:
    """What a distinct count counts, in words; "" where each row has another one, or where it is not known to be the same elsewhere."""
    entity = next((e for e in model.entities if e.expr == measure.expr), None)
    if entity is not None:
        return "" if entity.type in (EntityType.PRIMARY, EntityType.UNIQUE) else f"`{entity.name}`"
    return f"`{measure.expr.name}` of `{model.name}`" if isinstance(measure.expr, Column) else ""


def _wrong(terms: Sequence[_Term]) -> tuple[str, str] | None:
    """What is wrong with a sum, and what to do; None where nothing is."""
    things: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        if term.kind == "distinct" and term.same:
            things[term.same].append(term.metric)
    for thing, metrics in things.items():
        if len(metrics) > 1:
            return (
                f"adds distinct counts of {thing} ({_listed(metrics)}): what is in several is counted several times",
                "count it once over all of them",
            )
    for kind, said, hint in (
        (
            "ratio",
            "adds ratios with different denominators ({}): the sum is a ratio of nothing",
            "divide the sums: a ratio of two derived metrics",
        ),
        ("middle", "adds averages over different rows ({}): the sum is an average of nothing", "average over all of the rows"),
    ):
        of_kind = [term for term in terms if term.kind == kind]
        if len({term.apart for term in of_kind}) > 1:
            return said.format(_listed([term.metric for term in of_kind])), hint
    return None


def _listed(metrics: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(metrics))
