"""What is spelled grows with what was written: no nesting of anything multiplies SQL or work, or it is refused before the work is done."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from app.errors import UserError
from app.model.expr import (
    And,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Shift,
    Truncate,
)
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType, DatePart, Dialect, Grain
from app.plan.aggregates import AGGREGATES
from app.sql.expressions.functions import CATALOGUE
from app.sql.expressions.spell import Speller, build, speller
from app.sql.expressions.spell.weight import MOST_PARTS

N = DataType
TYPES = {"i": N.INTEGER, "d": N.DECIMAL, "f": N.FLOAT, "t": N.TEXT, "b": N.BOOLEAN, "day": N.DATE, "ts": N.TIMESTAMP, "o": N.OTHER}
CONSTANTS: dict[DataType, Literal] = {
    N.INTEGER: Literal(3, N.INTEGER), N.DECIMAL: Literal("1.5", N.DECIMAL), N.FLOAT: Literal("1e3", N.FLOAT), N.TEXT: Literal("a", N.TEXT),
    N.BOOLEAN: Literal(True, N.BOOLEAN), N.DATE: Literal("2024-01-31", N.DATE), N.TIMESTAMP: Literal("2024-01-31 12:00:00", N.TIMESTAMP),
    N.OTHER: Literal(None, N.OTHER),
}  # fmt: skip
Wrap = Callable[[Expr, Expr], Expr]
"""One level more around an expression, beside another operand."""


def called(function: str, size: int, at: int) -> Wrap:
    """A call whose argument `at` grows."""
    return lambda e, o: Call(function, tuple(e if place == at else o for place in range(size)))


def counted(grain: str, at: int) -> Wrap:
    """A `date_diff` from or to what grows; the count of it moves a date."""
    unit = Literal(grain, N.TEXT)
    return lambda e, o: Binary("+", Column("day"), Call("date_diff", (unit, e, o) if at == 1 else (unit, o, e)))


def operated(op: str, *, left: bool) -> Wrap:
    """An operation on what grows."""
    return lambda e, o: Binary(op, e, o) if left else Binary(op, o, e)


def converted(source: DataType, target: DataType) -> Wrap:
    """From one type to another."""
    return lambda e, _: Cast(Cast(e, source), target)


def cut(grain: Grain) -> Wrap:
    return lambda e, _: Truncate(e, grain)


def moved(grain: Grain) -> Wrap:
    return lambda e, _: Shift(e, -3, grain)


def wraps() -> dict[str, Wrap]:
    """Every construct, with the growing operand in each of its places."""
    made: dict[str, Wrap] = {}
    for function in CATALOGUE.values():
        for size in range(function.least, max(function.least, min(function.most or 3, 3)) + 1):
            for at in range(size):
                if function.name != "date_diff":
                    made[f"{function.name} {at + 1} of {size}"] = called(function.name, size, at)
    for grain, at in itertools.product(Grain, (1, 2)):
        made[f"date_diff {grain} {at}"] = counted(grain, at)
    for op in ("+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">="):
        made[f"left of {op}"] = operated(op, left=True)
        made[f"right of {op}"] = operated(op, left=False)
    for source, target in itertools.product(TYPES.values(), TYPES.values()):
        if N.OTHER not in (source, target):
            made[f"cast {source} to {target}"] = converted(source, target)
    for unit in Grain:
        made[f"truncate to {unit}"] = cut(unit)
        made[f"shift by {unit}"] = moved(unit)
    yes = Column("b")
    return made | {
        "cast to numeric(10, 2)": lambda e, _: Cast(e, N.DECIMAL, 10, 2),
        "and": lambda e, o: And((o, e)),
        "or": lambda e, o: Or((e, o)),
        "not": lambda e, _: Not(e),
        "negate": lambda e, _: Negate(e),
        "in": lambda e, _: In(e, (CONSTANTS[N.BOOLEAN], CONSTANTS[N.BOOLEAN])),
        "in, and NULL": lambda e, _: In(e, (CONSTANTS[N.BOOLEAN], CONSTANTS[N.OTHER])),
        "in columns": lambda e, o: In(e, (o, o, o)),
        "not in columns": lambda e, o: In(e, (o, o), True),
        "option of in": lambda e, o: In(o, (o, e)),
        "between": lambda e, o: Between(e, o, o),
        "low": lambda e, o: Between(o, e, o, True),
        "high": lambda e, o: Between(o, o, e),
        "is null": lambda e, _: IsNull(e),
        "like": lambda e, _: Cast(Like(e, CONSTANTS[N.TEXT]), N.TEXT),
        "pattern": lambda e, o: Cast(Like(o, e, True, True), N.TEXT),
        "then": lambda e, o: Case(((yes, e), (yes, o)), o),
        "else": lambda e, o: Case(((yes, o),), e),
        "no else": lambda e, _: Case(((yes, e),)),
        "when": lambda e, _: Case(((e, yes),), yes),
        "extract": lambda e, _: Cast(Cast(Extract(e, DatePart.DOW), N.TEXT), N.DATE),
    }


WRAPS = wraps()
PLACES = ("substring 2 of 2", "substring 2 of 3", "substring 3 of 3")
"""Where a text, which a place is none, is refused."""


@dataclass
class Spelled:
    """What spelling gave, and what it took."""

    tree: exp.Expr
    leaves: int
    asked: int

    @property
    def columns(self) -> int:
        return sum(1 for node in self.tree.walk() if isinstance(node, exp.Column))

    @property
    def size(self) -> int:
        return sum(1 for _ in self.tree.walk())


def spelled(expr: Expr, dialect: Dialect, by: Callable[[Speller], exp.Expr] | None = None) -> Spelled:
    """The expression in a dialect, with how often a column was spelled and how often a column's type was asked for."""
    counted = {"leaf": 0, "type": 0}

    def leaf(column: Column) -> exp.Expr:
        counted["leaf"] += 1
        return build.column(column.name, "r")

    def kind(column: Column) -> DataType:
        counted["type"] += 1
        return TYPES[column.name]

    made = speller(dialect, leaf, kind)
    tree = made.spell(expr) if by is None else by(made)
    return Spelled(tree, counted["leaf"], counted["type"])


def nested(wrap: Wrap, base: Expr, other: Expr, levels: int) -> Expr:
    """So many levels of one construct."""
    for _ in range(levels):
        base = wrap(base, other)
    return base


def code(expr: Expr, dialect: Dialect) -> str:
    """Why it is refused; "" where it is not."""
    try:
        spelled(expr, dialect)
    except UserError as error:
        return error.problem.code
    return ""


def operands(construct: str) -> Sequence[tuple[Column, Expr]]:
    """What a construct may begin with and stand beside, without being refused: a few of all."""
    columns = {"o": N.OTHER} if construct.startswith("cast") else TYPES
    pairs = [(Column(name), other) for name, kind in columns.items() for other in (Column(name), CONSTANTS[kind])]
    return [pair for pair in pairs if not any(code(nested(WRAPS[construct], *pair, 2), dialect) for dialect in Dialect)][:4]


@pytest.mark.parametrize("construct", WRAPS)
def test_nesting_does_not_multiply(construct: str) -> None:
    """Twice the levels are at most five times the SQL and the work, or both engines refuse them."""
    for base, other in operands(construct):
        few, many = (nested(WRAPS[construct], base, other, levels) for levels in (9, 18))
        refused = {code(many, dialect) for dialect in Dialect}
        assert refused in ({""}, {"DM3112"}), (base, other)
        for dialect in Dialect:
            if refused == {""}:
                less, more = spelled(few, dialect), spelled(many, dialect)
                assert more.size <= 5 * less.size, (base, other, less.size, more.size)
                assert more.asked <= 5 * less.asked, (base, other, less.asked, more.asked)


@pytest.mark.parametrize("construct", WRAPS)
def test_what_is_not_written_is_not_spelled(construct: str) -> None:
    """A column is asked for once for each place where it stands in the SQL."""
    found = operands(construct)
    assert found or construct in PLACES
    for base, other in found:
        for dialect in Dialect:
            made = spelled(nested(WRAPS[construct], base, other, 3), dialect)
            assert made.leaves == made.columns, (base, other)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("agg", Aggregation)
def test_aggregations_write_their_value_a_few_times(agg: Aggregation, dialect: Dialect) -> None:
    for kind, discrete in itertools.product((N.INTEGER, N.DECIMAL, N.FLOAT), (True, False)):
        value = Aggregated("v", agg, Column({N.INTEGER: "i", N.DECIMAL: "d", N.FLOAT: "f"}[kind]), kind, percentile=0.5, discrete=discrete)
        found = spelled(value.expr, dialect, lambda made, value=value: AGGREGATES[dialect](value, made, False))  # type: ignore[misc]
        assert found.leaves == found.columns <= 3


@settings(max_examples=150, deadline=None)
@given(
    levels=st.lists(st.tuples(st.sampled_from(sorted(WRAPS)), st.sampled_from(sorted(TYPES))), min_size=1, max_size=16),
    at=st.sampled_from(sorted(TYPES)),
)
def test_any_nesting_is_bounded(levels: list[tuple[str, str]], at: str) -> None:
    expr: Expr = Column(at)
    for construct, other in levels:
        expr = WRAPS[construct](expr, Column(other))
    for dialect in Dialect:
        if not code(expr, dialect):
            found = spelled(expr, dialect)
            assert found.leaves == found.columns
            assert found.size <= 20 * MOST_PARTS


def test_what_stands_side_by_side_adds_up() -> None:
    """Many expressions, each within the bound, are no way around it, be they one and the same or not; a few are well within."""

    def grown() -> Expr:
        return nested(WRAPS["exp 1 of 1"], Column("f"), Column("f"), 5)

    once = grown()
    alike = Case(tuple((Binary("=", once, Literal(number, N.INTEGER)), Column("i")) for number in range(20)))
    for dialect in Dialect:
        assert code(And(tuple(Binary(">", grown(), Column("f")) for _ in range(3))), dialect) == ""
        assert code(And(tuple(Binary(">", grown(), Column("f")) for _ in range(20))), dialect) == "DM3112"
        assert code(alike, dialect) == "DM3112"


def test_long_lists_are_no_copies() -> None:
    """Ten thousand constants stand once each, and chains of comparisons grow with the list."""
    numbers = tuple(Literal(number, N.INTEGER) for number in range(10_000))
    days = tuple(Literal(f"2024-01-{day % 28 + 1:02}", N.DATE) for day in range(2_000))
    for dialect in Dialect:
        assert spelled(In(Column("i"), numbers), dialect).size < 2 * len(numbers)
        assert spelled(In(Call("abs", (Column("i"),)), numbers), dialect).size < 2 * len(numbers)
        assert spelled(In(Truncate(Column("ts"), Grain.HOUR), days[:500]), dialect).leaves <= 500
        assert code(In(nested(WRAPS["round 1 of 1"], Column("f"), Column("f"), 20), days), dialect) == "DM3112"
