"""Lightdash's filters of metrics: `status: completed`, `amount: "> 5"`, `country: ["!DE", "!FR"]`; of several, all must hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.compile.interchange.templated import template_code
from app.compile.interchange.tree import Tree
from app.model.expr import And, Binary, Expr, Field, IsNull, Like, Literal, Or
from app.model.types import DataType
from app.sql.expressions.values import numeric

_COMPARED = re.compile(r"(>=|<=|>|<|!=|=)\s*(.+)")
_PERIODS = re.compile(r"(?i)(inThePast|notInThePast|inTheNext|inTheCurrent|notInTheCurrent|between)\b")


def read_filters(filters: Sequence[Tree]) -> list[Expr]:
    """The conditions, with dimensions as members. Raises UserError DM2660 for periods that move with the day, and for what is no filter."""
    found: list[Expr] = []
    for entry in filters:
        if entry.kind != "mapping":
            raise template_code("a filter names a dimension and a value")
        for name, value in entry.entries.items():
            dataset, _, member = name.rpartition(".")
            field = Field(member, "member", (dataset,) if dataset else ())
            tests = [_test(field, part.value) for part in value.members] if value.kind == "sequence" else [_test(field, value.value)]
            negative = all(is_negative for _, is_negative in tests)
            conditions = tuple(condition for condition, _ in tests)
            found.append(conditions[0] if len(conditions) == 1 else And(conditions) if negative else Or(conditions))
    return found


def _test(field: Expr, value: object) -> tuple[Expr, bool]:
    """One value of a filter, and whether it excludes."""
    if value is None:
        return IsNull(field), False
    if isinstance(value, bool):
        return Binary("=", field, Literal(value, DataType.BOOLEAN)), False
    if isinstance(value, int | float):
        return Binary("=", field, _literal(str(value))), False
    text = str(value)
    if _PERIODS.match(text):
        raise template_code(f"the period `{text}` moves with the day")
    excludes = text.startswith("!") and not text.startswith("!=")
    held = text[1:] if excludes else text
    if held.lower() == "null":
        return IsNull(field, excludes), excludes
    if "%" in (held[:1], held[-1:]) and held.strip("%"):
        return Like(field, Literal(held, DataType.TEXT), excludes, ignore_case=True), excludes
    compared = None if excludes else _COMPARED.fullmatch(held)
    if compared:
        op = {"!=": "<>"}.get(compared[1], compared[1])
        return Binary(op, field, _literal(compared[2])), op == "<>"
    return Binary("<>" if excludes else "=", field, Literal(held, DataType.TEXT)), excludes


def _literal(text: str) -> Literal:
    """A number where the text writes one, else the text."""
    return numeric(text) or Literal(text, DataType.TEXT)
