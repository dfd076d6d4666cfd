"""What every engine's speller shares: logic, comparison, CASE. What engines say differently is abstract here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from sqlglot import exp

from app.errors import InternalError, Problem, UserError
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
from app.sql.expressions.infer import Known, Types, infer
from app.sql.expressions.spell import build
from app.sql.expressions.spell.bounds import is_bounded
from app.sql.expressions.spell.domains import guarded
from app.sql.expressions.spell.mixing import check_arithmetic, check_compared
from app.sql.expressions.spell.patterns import pattern
from app.sql.expressions.spell.weight import Weights, counts_months

_RANKED = frozenset({"<", "<=", ">", ">="})

_ZERO = Literal(0, DataType.INTEGER)

Leaf = Callable[[Column], exp.Expr]

_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_COMPARISONS: dict[str, type[exp.Binary]] = {"=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


class Speller(ABC):
    """Spells expressions as sqlglot trees of one engine. `leaf` gives a fresh tree for a column, `types` tells what is known of its type."""

    def __init__(self, leaf: Leaf, types: Types) -> None:
        self.leaf, self.types = leaf, types
        self._known: Known = {}
        self._grown: dict[int, tuple[Expr, bool]] = {}
        self._weights = Weights(self.chained)

    def type_of(self, expr: Expr) -> DataType:
        """The family of the expression's type. What it is of a node is found once."""
        return infer(expr, self.types, self._known)

    def spell(self, expr: Expr) -> exp.Expr:
        """The expression as a fresh tree, each node of it in a step of its own.

        Raises UserError DM3112 where it would become too large, InternalError DM9301 for a node that must have been resolved before.
        """
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
                return self.negated(arg)
            case Call(name="ln", args=(arg,)):
                check_compared((arg, _ZERO), (self.type_of(arg), DataType.INTEGER))
                return self.call(expr)
            case Call(name="sqrt" | "exp" | "power"):
                return self._weights.counted(expr, lambda: self._guarded(guarded(expr), expr))
            case Call(name="date_diff") if counts_months(expr):
                return self._weights.counted(expr, lambda: self.call(expr))
            case Call(name="floor" | "ceil", args=(whole,)) if self.type_of(whole) is DataType.INTEGER:
                return self.spell(whole)
            case Call(name="substring", args=(text, start, *length)):
                # Below 1 the engines count otherwise: PostgreSQL from before the text, ClickHouse from its end.
                return self.call(Call("substring", (text, _least(start, 1), *(_least(count, 0) for count in length))))
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
        """Results of CASE and its kin, where an engine asks for it converted to one type."""
        return [self.spell(expr) for expr in exprs]

    def negated(self, arg: Expr) -> exp.Expr:
        """Unary minus."""
        return exp.Neg(this=build.within(self.spell(arg), build.ATOM))

    def aligned(self, exprs: Sequence[Expr]) -> list[exp.Expr]:
        """What is compared or joined, as values of types that compare by value. Raises UserError DM3108 for a text beside something else."""
        check_compared(exprs, [self.type_of(expr) for expr in exprs])
        return [self.spell(expr) for expr in exprs]

    def ordering(self, expr: Expr) -> exp.Expr:
        """What rows are sorted by, and what MIN and MAX choose from: texts go by their code points on every engine."""
        return self.spell(expr)

    def lead(self, expr: Expr) -> exp.Expr:
        """The window function that gives a value of the next row, NULL after the last."""
        return build.call("LEAD", self.spell(expr))

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
        """The rest of a division of whole numbers, with the sign of the left side; by zero it gives NULL."""

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
            if {self.type_of(node.left), self.type_of(node.right)} & {DataType.DECIMAL, DataType.FLOAT}:
                raise UserError(Problem("DM3106", "`%` is known for whole numbers only: with decimals the engines differ"))
            return self.modulo(node.left, node.right)
        if node.op == "||":
            return self.join_text(node.left, node.right)
        if node.op in _ARITHMETIC:
            check_arithmetic(node.op, node.left, node.right, (self.type_of(node.left), self.type_of(node.right)))
            return self.arithmetic(_ARITHMETIC[node.op], node.left, node.right)
        left, right = self.ranked([node.left, node.right]) if node.op in _RANKED else self.aligned([node.left, node.right])
        return build.operation(_COMPARISONS[node.op], left, right)

    def ranked(self, exprs: Sequence[Expr]) -> list[exp.Expr]:
        """As `aligned`, for what is compared by size."""
        return self.aligned(exprs)

    def arithmetic(self, kind: type[exp.Binary], left: Expr, right: Expr) -> exp.Expr:
        """A sum, difference or product."""
        return build.operation(kind, self.spell(left), self.spell(right))

    def outgrows(self, kind: type[exp.Binary], left: Expr, right: Expr) -> bool:
        """Whether whole numbers of rows may give what the type of theirs does not hold: products, and sums of two that are not small."""
        if {self.type_of(left), self.type_of(right)} != {DataType.INTEGER} or self.outgrown(left) or self.outgrown(right):
            return False
        bounded = is_bounded(left), is_bounded(right)
        return not all(bounded) if kind is exp.Mul else not any(bounded)

    def outgrown(self, side: Expr) -> bool:
        """Whether it stands in the wider type already."""
        if not isinstance(side, Binary) or side.op not in _ARITHMETIC:
            return False
        held = self._grown.get(id(side))
        if held is None:
            wide = self.outgrown(side.left) or self.outgrown(side.right) or self.outgrows(_ARITHMETIC[side.op], side.left, side.right)
            held = self._grown[id(side)] = side, wide
        return held[1]

    def _test(self, node: In | Between | IsNull | Like) -> exp.Expr:
        """IN, BETWEEN, IS [NOT] NULL, [NOT] LIKE; NOT stands before the others."""
        negated = {"negate": True} if node.negated else {}
        match node:
            case In():
                if not isinstance(node.arg, Column | Field | Literal) and self.chained(node):
                    return self._weights.counted(node, lambda: self.among(node))
                return self.among(node)
            case Between(arg=arg, low=low, high=high):
                of, least, most = (build.within(spelled, build.SUM) for spelled in self.ranked([arg, low, high]))
                made = exp.Between(this=of, low=least, high=most)
                return exp.Not(this=made) if node.negated else made
            case IsNull(arg=arg):
                return exp.Is(this=build.within(self.spell(arg), build.SUM), expression=exp.null(), **negated)
            case Like(arg=arg, pattern=wanted, ignore_case=ignore_case):
                if isinstance(wanted, Literal) and isinstance(wanted.value, str):
                    wanted = Literal(pattern(wanted.value), wanted.type)
                kind = exp.ILike if ignore_case else exp.Like
                left, right = (build.within(self.spell(side), build.SUM) for side in (arg, wanted))
                return kind(this=left, expression=right, **negated)

    def chained(self, node: In) -> bool:
        """Whether an engine whose IN wants constants of the very type says it as a chain of `=`."""
        kind = self.type_of(node.arg)
        if any(not isinstance(option, Literal) or option.value is None for option in node.options):
            return True
        if kind is DataType.OTHER:
            return any(self.type_of(option) not in (DataType.TEXT, DataType.INTEGER) for option in node.options)
        return kind is DataType.TIMESTAMP or any(self.type_of(option) is not kind for option in node.options)

    def among(self, node: In) -> exp.Expr:
        """IN."""
        arg, *options = self.aligned([node.arg, *node.options])
        made = exp.In(this=build.within(arg, build.SUM), expressions=options)
        return exp.Not(this=made) if node.negated else made

    def _case(self, whens: tuple[tuple[Expr, Expr], ...], otherwise: Expr | None) -> exp.Expr:
        """Searched CASE."""
        results = self.same([then for _, then in whens] + ([] if otherwise is None else [otherwise]))
        ifs = [exp.If(this=self.spell(when), true=result) for (when, _), result in zip(whens, results, strict=False)]
        return exp.Case(ifs=ifs, default=None if otherwise is None else results[-1])

    def _guarded(self, held: Expr, within: Call) -> exp.Expr:
        """A guard of `within`, with the call itself where it holds."""
        if held is within:
            return self.call(within)
        if not isinstance(held, Case):
            return self.spell(held)
        return exp.Case(ifs=[exp.If(this=self.spell(when), true=self._guarded(then, within)) for when, then in held.whens])


def _least(number: Expr, least: int) -> Expr:
    """The number, or `least` where it is less."""
    limit = Literal(least, DataType.INTEGER)
    if isinstance(number, Literal) and isinstance(number.value, int):
        return number if number.value >= least else limit
    return Call("greatest", (number, limit)) if not isinstance(number, Literal) else number
