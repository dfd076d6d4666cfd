"""What every engine's speller shares: logic, comparison, CASE. What engines say differently is abstract here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from sqlglot import exp

from app.errors import InternalError, Problem
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
from app.model.types import DataType
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.spell import build

Leaf = Callable[[Column], exp.Expr]

_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_COMPARISONS: dict[str, type[exp.Binary]] = {"=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


class Speller(ABC):
    """Spells expressions as sqlglot trees of one engine. `leaf` gives a fresh tree for a column, `types` tells what is known of its type."""

    def __init__(self, leaf: Leaf, types: Types) -> None:
        self.leaf, self.types = leaf, types

    def type_of(self, expr: Expr) -> DataType:
        """The family of the expression's type."""
        return infer(expr, self.types)

    def spell(self, expr: Expr) -> exp.Expr:
        """The expression as a fresh tree. Raises InternalError DM9301 for a node that must have been resolved before."""
        match expr:
            case Column():
                return self.leaf(expr)
            case Literal():
                return self.literal(expr)
            case Binary():
                return self._binary(expr)
            case And(args=args):
                return build.all_of([self.spell(arg) for arg in args]) if args else exp.true()
            case Or(args=args):
                return build.any_of([self.spell(arg) for arg in args]) if args else exp.false()
            case Not(arg=arg):
                return build.negation(self.spell(arg))
            case Negate(arg=arg):
                return exp.Neg(this=build.within(self.spell(arg), build.ATOM))
            case Call():
                return self.call(expr)
            case In() | Between() | IsNull() | Like():
                return self._test(expr)
            case Case(whens=whens, otherwise=otherwise):
                return self._case(whens, otherwise)
            case Cast():
                return self.cast(expr)
            case Truncate():
                return self.truncate(expr)
            case Extract():
                return self.extract(expr)
            case Shift():
                return self.shift(expr)
            case Field() | Attribute() | Parameter():
                raise InternalError(Problem("DM9301", f"`{expr.name}` was not resolved before it was spelled"))

    def same(self, exprs: list[Expr]) -> list[exp.Expr]:
        """The expressions, where an engine asks for it converted to one type."""
        return [self.spell(expr) for expr in exprs]

    @abstractmethod
    def literal(self, node: Literal) -> exp.Expr:
        """A constant, with its digits kept."""

    @abstractmethod
    def call(self, node: Call) -> exp.Expr:
        """A function of the catalogue."""

    @abstractmethod
    def cast(self, node: Cast) -> exp.Expr:
        """A conversion."""

    @abstractmethod
    def truncate(self, node: Truncate) -> exp.Expr:
        """The start of a period."""

    @abstractmethod
    def extract(self, node: Extract) -> exp.Expr:
        """A date part."""

    @abstractmethod
    def shift(self, node: Shift) -> exp.Expr:
        """A time moved by whole periods."""

    @abstractmethod
    def divide(self, left: Expr, right: Expr) -> exp.Expr:
        """A real division; by zero it gives NULL."""

    @abstractmethod
    def modulo(self, left: Expr, right: Expr) -> exp.Expr:
        """The rest of a division; by zero it gives NULL."""

    @abstractmethod
    def join_text(self, left: Expr, right: Expr) -> exp.Expr:
        """`||`: NULL where either side is."""

    def quotient(self, right: Expr) -> exp.Expr:
        """A divisor that is never zero: a constant as it is, else through NULLIF."""
        if isinstance(right, Literal) and right.type.is_numeric and right.value is not None and float(right.value) != 0:
            return self.spell(right)
        if isinstance(right, Call) and right.name == "nullif" and right.args[1] == Literal(0, DataType.INTEGER):
            return self.spell(right)
        return self.call(Call("nullif", (right, Literal(0, DataType.INTEGER))))

    def _binary(self, node: Binary) -> exp.Expr:
        """Arithmetic, `||`, comparison."""
        if node.op == "/":
            return self.divide(node.left, node.right)
        if node.op == "%":
            return self.modulo(node.left, node.right)
        if node.op == "||":
            return self.join_text(node.left, node.right)
        kind = _ARITHMETIC.get(node.op) or _COMPARISONS[node.op]
        return build.operation(kind, self.spell(node.left), self.spell(node.right))

    def _test(self, node: In | Between | IsNull | Like) -> exp.Expr:
        """IN, BETWEEN, IS NULL, LIKE, with NOT before them where negated."""
        arg = build.within(self.spell(node.arg), build.SUM)
        made: exp.Expr
        match node:
            case In(options=options):
                made = exp.In(this=arg, expressions=[self.spell(option) for option in options])
            case Between(low=low, high=high):
                made = exp.Between(this=arg, low=build.within(self.spell(low), build.SUM), high=build.within(self.spell(high), build.SUM))
            case IsNull():
                made = exp.Is(this=arg, expression=exp.null())
            case Like(pattern=pattern, ignore_case=ignore_case):
                kind = exp.ILike if ignore_case else exp.Like
                made = kind(this=arg, expression=build.within(self.spell(pattern), build.SUM))
        return exp.Not(this=made) if node.negated else made

    def _case(self, whens: tuple[tuple[Expr, Expr], ...], otherwise: Expr | None) -> exp.Expr:
        """Searched CASE."""
        results = self.same([then for _, then in whens] + ([] if otherwise is None else [otherwise]))
        ifs = [exp.If(this=self.spell(when), true=result) for (when, _), result in zip(whens, results, strict=False)]
        return exp.Case(ifs=ifs, default=None if otherwise is None else results[-1])
