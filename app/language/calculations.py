"""Calculations in words, and as definitions that people can check."""

from __future__ import annotations

from app.language.naming import label_of
from app.language.say import Labels
from app.model.answer import Definition
from app.model.metrics import Window
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.shapes import Calculation, Compared, MetricValue, Moving, Rank, Running, Shape, Share, Show, below, metric_of

_PERCENT = "0.0%"


def calculation_words(shape: Shape, labels: Labels) -> str:
    """`percent change of revenue from 1 year before`, `share of revenue within country`."""
    match shape:
        case MetricValue(name=name):
            label = labels.metric(name)
            return label if label.isupper() else label[:1].lower() + label[1:]
        case Compared(of=of, show=show):
            before = before_words(shape)
            words = calculation_words(of, labels)
            return {
                Show.VALUE: f"{words} {before}",
                Show.DIFFERENCE: f"change of {words} from {before}",
                Show.PERCENT: f"percent change of {words} from {before}",
            }[show]
        case Share(of=of, within=within):
            return f"share of {calculation_words(of, labels)} in {_within(within, labels) or 'the total'}"
        case Running(of=of, window=window, grain_to_date=grain):
            words = calculation_words(of, labels)
            if window is not None:
                return f"{words} of the last {_window(window)}"
            return f"{words} since the start of the {grain}" if grain else f"running total of {words}"
        case Moving(of=of, periods=periods, function=function):
            least = {"min": "lowest", "max": "highest"}.get(function, "average")
            return f"{least} {calculation_words(of, labels)} of the last {periods} periods"
        case Rank(of=of, within=within, ascending=ascending):
            where = f" within {_within(within, labels)}" if within else ""
            return f"rank by {calculation_words(of, labels)}{where}{', the lowest first' if ascending else ''}"


def before_words(shape: Compared) -> str:
    """`1 year before`, `the period before`."""
    before = f"{_window(shape.back)} before" if shape.back is not None else "the period before"
    return before + (" on the same weekday" if shape.same_weekday else "")


def calculation_definitions(query: SemanticQuery, ontology: Ontology, labels: Labels) -> tuple[Definition, ...]:
    """What each calculation of the query is, with how its values are written: shares and changes in percent, the rest as their metric."""
    return tuple(_definition(one, ontology, labels) for one in query.calculations)


def _definition(one: Calculation, ontology: Ontology, labels: Labels) -> Definition:
    words = calculation_words(one.shape, labels)
    metric = ontology.metric(metric_of(one.shape))
    unit, form = (metric.unit, metric.format) if metric is not None else ("", "")
    if _is_fraction(one.shape):
        unit, form = "", _PERCENT
    elif isinstance(one.shape, Rank):
        unit, form = "", "integer"
    return Definition(one.name, label_of(one.name.replace("__", "_"), ""), "", words, "calculation", unit=unit, format=form)


def _is_fraction(shape: Shape | None) -> bool:
    """Whether its values are parts of one."""
    while shape is not None and not isinstance(shape, Rank):
        if isinstance(shape, Share) or (isinstance(shape, Compared) and shape.show is Show.PERCENT):
            return True
        shape = below(shape)
    return False


def _window(window: Window) -> str:
    return f"{window.count} {window.grain.replace('_', ' ')}{'s' if window.count != 1 else ''}"


def _within(items: tuple[str, ...], labels: Labels) -> str:
    return " and ".join(item_words(item, labels) for item in items)


def item_words(column: str, labels: Labels) -> str:
    """A group-by item by its column name: `month`, `country`."""
    if column.startswith("metric_time__"):
        return column.removeprefix("metric_time__").replace("extract_", "").replace("_", " ")
    return labels.field(column)
