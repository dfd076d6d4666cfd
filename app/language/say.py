"""Expressions in words, with the labels of the layer."""

from __future__ import annotations

import datetime as dt
from functools import singledispatchmethod
from typing import Any

from app.language.naming import label_of
from app.model.expr import (
    And,
    Attribute,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    Field,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Parameter,
    Shift,
    Truncate,
)
from app.model.metrics import Cumulative
from app.model.ontology import Ontology
from app.model.types import DataType, DatePart

_VERBS = {"=": "is", "<>": "is not", ">": "is more than", ">=": "is at least", "<": "is less than", "<=": "is at most"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME_VERBS = {">=": "is on or after", "<": "is before", ">": "is after", "<=": "is on or before"}


class Labels:
    """Names of a layer in words."""

    def __init__(self, ontology: Ontology) -> None:
        self._metrics = {m.name: label_of(m.name, m.label) for m in ontology.metrics}
        self._of_all_time = {
            m.name for m in ontology.metrics if isinstance(m.params, Cumulative) and m.params.window is None and not m.params.grain_to_date
        }
        self._fields: dict[str, str] = {}
        owners: dict[str, set[str]] = {}
        for model in ontology.semantic_models:
            for dimension in model.dimensions:
                words = _lower(label_of(dimension.name, dimension.label))
                self._fields[model.dunder(dimension.name)] = words
                owners.setdefault(words, set()).add(model.primary)
            for entity in model.entities:
                self._fields.setdefault(entity.name, _lower(label_of(entity.name, entity.label)))
        for name, words in list(self._fields.items()):
            owner = name.rpartition("__")[0]
            bare = words in {"name", "id", "code", "type", "status", "title", "category", "key"}
            if owner and (len(owners.get(words, ())) > 1 or bare) and not words.startswith(_lower(label_of(owner, ""))):
                self._fields[name] = f"{_lower(label_of(owner, ''))} {words}"

    def metric(self, name: str) -> str:
        """A metric's label."""
        return self._metrics.get(name) or label_of(name, "")

    def is_of_all_time(self, name: str) -> bool:
        """Whether a metric accumulates over all of time: of a period without time to group by it is what has come up to its end."""
        return name in self._of_all_time

    def field(self, name: str) -> str:
        """A dimension's or entity's label in lower case; `order__customer__country` is known by its end."""
        parts = name.split("__")
        for at in range(len(parts)):
            found = self._fields.get("__".join(parts[at:]))
            if found:
                return found
        return name.replace("__", " ").replace("_", " ")


def day(date: dt.date) -> str:
    """`1 Apr 2026`, in English whatever the locale."""
    return f"{date.day} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[date.month - 1]} {date.year}"


def say(expr: Expr, labels: Labels) -> str:
    """A condition or value in words: `sales channel is web`, `net_amount`, `sum of …`."""
    return _Sayer(labels).say(expr)


def _lower(label: str) -> str:
    return " ".join(w if w.isupper() and len(w) > 1 else w.lower() for w in label.split())


class _Sayer:
    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    @singledispatchmethod
    def say(self, expr: Any) -> str:
        return str(type(expr).__name__).lower()

    @say.register
    def _(self, expr: Literal) -> str:
        if expr.value is None:
            return "null"
        if expr.type is DataType.BOOLEAN:
            return "true" if expr.value else "false"
        if expr.type is DataType.DATE and isinstance(expr.value, str) and len(expr.value) == 10:
            return day(dt.date.fromisoformat(expr.value))
        return f"{expr.value:,}" if isinstance(expr.value, int) else str(expr.value)

    @say.register
    def _(self, expr: Column) -> str:
        return f"{expr.table}.{expr.name}" if expr.table else expr.name

    @say.register
    def _(self, expr: Field) -> str:
        name = "__".join((*expr.path, expr.name))
        words = self.labels.metric(name).lower() if expr.kind == "metric" else self.labels.field(name)
        if expr.group_by:
            return f"{words} per {' and '.join(map(self.labels.field, expr.group_by))}"
        return f"{words} ({expr.grain})" if expr.grain else words

    @say.register
    def _(self, expr: Attribute) -> str:
        return f"your {expr.name}"

    @say.register
    def _(self, expr: Parameter) -> str:
        return f":{expr.name}"

    @say.register
    def _(self, expr: Call) -> str:
        return f"{expr.name}({'distinct ' if expr.distinct else ''}{', '.join(self.say(a) for a in expr.args)})"

    @say.register
    def _(self, expr: Binary) -> str:
        if isinstance(expr.left, Field) and expr.left.date_part is DatePart.DOW and isinstance(expr.right, Literal):
            number = expr.right.value
            if isinstance(number, int):
                return f"the day {_VERBS.get(expr.op, expr.op)} {_DAYS[(number - 1) % 7]}"
        verbs = _VERBS | (_TIME_VERBS if isinstance(expr.right, Literal) and expr.right.type.is_temporal else {})
        if expr.op in {"=", "<>"} and isinstance(expr.right, Literal) and expr.right.type is DataType.BOOLEAN:
            holds = (expr.op == "=") is bool(expr.right.value)
            return f"{self.say(expr.left)} is {'true' if holds else 'false'}"
        return f"{self._inner(expr.left)} {verbs.get(expr.op, expr.op)} {self._inner(expr.right)}"

    def _inner(self, expr: Expr) -> str:
        arithmetic = isinstance(expr, Binary) and expr.op in {"+", "-", "||"}
        return f"({self.say(expr)})" if arithmetic or isinstance(expr, And | Or) else self.say(expr)

    @say.register
    def _(self, expr: And) -> str:
        return " and ".join(self._inner(a) for a in expr.args) or "true"

    @say.register
    def _(self, expr: Or) -> str:
        match expr.args:
            case (Binary(op="<>") | In(negated=True) as unlike, IsNull(arg=arg)) if unlike_of(unlike) == arg:
                return self.say(unlike)
            case (Binary(op="=", left=left, right=Literal(type=DataType.BOOLEAN, value=False)), IsNull(arg=arg)) if left == arg:
                return f"{self.say(left)} is not true"
            case _:
                return " or ".join(self._inner(a) for a in expr.args) or "false"

    @say.register
    def _(self, expr: Not) -> str:
        return f"not ({self.say(expr.arg)})"

    @say.register
    def _(self, expr: Negate) -> str:
        return f"-{self._inner(expr.arg)}"

    @say.register
    def _(self, expr: In) -> str:
        if (
            isinstance(expr.arg, Field)
            and expr.arg.date_part is DatePart.DOW
            and [getattr(o, "value", None) for o in expr.options] == [6, 7]
        ):
            return f"the day is {'not ' if expr.negated else ''}on a weekend"
        if isinstance(expr.arg, Field) and expr.arg.date_part is DatePart.DOW:
            days = [_DAYS[(o.value - 1) % 7] if isinstance(o, Literal) and isinstance(o.value, int) else self.say(o) for o in expr.options]
            return f"the day is {'not ' if expr.negated else ''}{', '.join(days[:-1])}{' or ' if len(days) > 1 else ''}{days[-1] if days else ''}"
        options = [self.say(o) for o in expr.options]
        last = " or " if len(options) > 1 else ""
        return f"{self.say(expr.arg)} is {'not ' if expr.negated else ''}{', '.join(options[:-1])}{last}{options[-1] if options else ''}"

    @say.register
    def _(self, expr: Between) -> str:
        return f"{self.say(expr.arg)} is {'not ' if expr.negated else ''}between {self.say(expr.low)} and {self.say(expr.high)}"

    @say.register
    def _(self, expr: IsNull) -> str:
        return f"{self.say(expr.arg)} is {'not ' if expr.negated else ''}empty"

    @say.register
    def _(self, expr: Like) -> str:
        return f"{self.say(expr.arg)} is {'not ' if expr.negated else ''}like {self.say(expr.pattern)}"

    @say.register
    def _(self, expr: Case) -> str:
        whens = " ".join(f"{self.say(value)} where {self.say(condition)}," for condition, value in expr.whens)
        return f"({whens} else {self.say(expr.otherwise) if expr.otherwise is not None else 'nothing'})"

    @say.register
    def _(self, expr: Cast) -> str:
        return self.say(expr.arg)

    @say.register
    def _(self, expr: Truncate) -> str:
        return f"{expr.grain} of {self.say(expr.arg)}"

    @say.register
    def _(self, expr: Extract) -> str:
        return f"{expr.part} of {self.say(expr.arg)}"

    @say.register
    def _(self, expr: Shift) -> str:
        return f"{self.say(expr.arg)} {'+' if expr.count >= 0 else '-'} {abs(expr.count)} {expr.grain}{'s' if abs(expr.count) != 1 else ''}"


def unlike_of(expr: Binary | In) -> Expr:
    """What a comparison is about."""
    return expr.left if isinstance(expr, Binary) else expr.arg
