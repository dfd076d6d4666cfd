"""From sqlglot's tree to ours, by a closed mapping: a node that is not listed here is refused, by name and place.

sqlglot only reads the text. Its tree never reaches an engine: expressions are spelled again by `spell/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from app.errors import UserError
from app.model.expr import And, Between, Binary, Case, Column, Expr, In, IsNull, Like, Literal, Negate, Not, Or, Shift
from app.model.types import DataType, Grain
from app.sql.expressions.problems import refuse
from app.sql.expressions.spots import quoting, spots
from app.sql.expressions.values import MOST_SHIFT, number, read_cast

Known = dict[str, Expr]
"""Identifiers that stand for something else: the placeholders of a filter's braces."""

_BINARY: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.DPipe: "||",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_PARTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Paren: frozenset({"this"}),
    exp.Column: frozenset({"this", "table", "db"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Null: frozenset(),
    exp.And: frozenset({"this", "expression"}),
    exp.Or: frozenset({"this", "expression"}),
    exp.Not: frozenset({"this"}),
    exp.Neg: frozenset({"this"}),
    exp.In: frozenset({"this", "expressions", "query", "unnest", "field"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Is: frozenset({"this", "expression", "negate"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.ILike: frozenset({"this", "expression", "negate"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.Interval: frozenset({"this", "unit"}),
    **{kind: frozenset({"this", "expression"}) for kind in _BINARY},
}
"""What is read of each node; a part that is set and not read would change the meaning, so it is refused."""

HARMLESS = frozenset({"safe", "coalesce", "typed", "big_int", "is_nvl", "is_null", "ignore_nulls", "binary", "input_type_preserved"})
"""Parts by which sqlglot notes how a dialect behaves; what they say is known of the portable function already."""

FOLDING = ("postgres", "redshift")
"""Dialects that read a name without quotes in lower case."""
_REFUSED: dict[type[exp.Expr], str] = {
    exp.Subquery: "a subquery",
    exp.Query: "a query",
    exp.Exists: "a subquery",
    exp.Window: "a window function",
    exp.AggFunc: "an aggregate",
    exp.Star: "`*`",
    exp.Command: "a statement",
    exp.Placeholder: "a parameter",
    exp.Parameter: "a parameter",
    exp.Lambda: "a lambda",
    exp.Bracket: "an array or map element",
    exp.TryCast: "a conversion that hides errors",
    exp.CurrentDate: "the current time",
    exp.CurrentTimestamp: "the current time",
    exp.CurrentTime: "the current time",
}


_SIGN = r"[^\w\s'\"()\[\],.]+"
"""An operator."""
_CALLED = re.compile(r"(\w+)\s*\(")
_WORDS: dict[type[exp.Expr], str] = {
    exp.Escape: r"\bescape\b",
    exp.NullSafeEQ: r"\bis\b",
    exp.NullSafeNEQ: r"\bis\b",
    exp.SimilarTo: r"\bsimilar\b",
    exp.AtTimeZone: r"\bat\b",
    exp.Collate: r"\bcollate\b",
    exp.RegexpLike: _SIGN,
    exp.Dot: r"\.",
}
"""The word or sign that stands for a node, where its place is that of its first operand."""
_COUNT = re.compile(r"-?\d{1,9}", re.ASCII)


class Converter:
    """Converts one parsed text. `known` maps placeholder names; `text` and `shift` place Problems in what the person wrote."""

    __slots__ = ("call", "dialect", "known", "shift", "text")

    def __init__(self, text: str, dialect: str, known: Known, call: Callable[[Converter, exp.Expr], Expr | None], shift: int = 1) -> None:
        self.text, self.dialect, self.known, self.call, self.shift = text, dialect, known, call, shift

    def expr(self, node: exp.Expr | None) -> Expr:
        """The node as an Expr. Raises UserError DM3102 (not allowed here), DM3103 (unknown function) or DM3105 (unknown type)."""
        if not isinstance(node, exp.Expr):
            # The parser leaves None, and in places False, where an operand is missing.
            raise self.refused(None, "DM3101", "an operand is missing")
        if type(node) in _PARTS:
            self.check_parts(node, _PARTS[type(node)])
        match node:
            case exp.Paren(this=inner):
                return self.expr(inner)
            case exp.Column():
                return self._column(node)
            case exp.Literal(is_string=True, this=value):
                return Literal(str(value), DataType.TEXT)
            case exp.Literal(this=value):
                return self._number(node, str(value))
            case exp.Boolean(this=truth):
                return Literal(bool(truth), DataType.BOOLEAN)
            case exp.Null():
                return Literal(None, DataType.OTHER)
            case exp.And() | exp.Or():
                return self._logic(node)
            case exp.Not(this=inner):
                return negated(self.expr(inner))
            case exp.Neg(this=inner):
                return minus(self.expr(inner))
            case exp.In() | exp.Between() | exp.Is() | exp.Like() | exp.ILike():
                return self._test(node)
            case exp.Case() | exp.If():
                return self._case(node)
            case exp.Cast() if not isinstance(node, exp.TryCast):
                return read_cast(self.expr(node.this), node.to, lambda why: self.refused(node, "DM3105", why, word=_type_word(node)))
            case exp.Add() | exp.Sub() if isinstance(node.expression, exp.Interval):
                return self._moved(node, node.expression)
            case _:
                return self._other(node)

    def check_parts(self, node: exp.Expr, read: frozenset[str]) -> None:
        """Raises UserError DM3102 for a part of the node that is set and that nobody reads."""
        for part, value in node.args.items():
            if part not in read and part not in HARMLESS and value not in (None, False, []):
                words = part.replace("_", " ")
                raise self.refused(node, "DM3102", f"`{words}` of `{type(node).__name__}` is not part of the expression language")

    def refused(self, node: exp.Expr | None, code: str, message: str, hint: str = "", *, word: str = "") -> UserError:
        """A Problem at the node's place, or at the next `word` (a pattern) from there on, else the last before: sqlglot keeps no places of
        keywords and types."""
        offset = self._offset(node)
        found = [match.start() for match in re.finditer(word, self.text, re.IGNORECASE)] if word else []
        at = next((start for start in found if start >= offset), found[-1] if found else offset)
        return refuse(code, message, text=self.text, offset=at, hint=hint)

    def word_at(self, node: exp.Expr) -> str:
        """The word that stands at the node's place, where a bracket follows it: the function's name as the person wrote it."""
        found = _CALLED.match(self.text, self._offset(node))
        return found[1] if found else ""

    def _other(self, node: exp.Expr) -> Expr:
        """Arithmetic, comparisons and functions; the rest is refused."""
        op = _BINARY.get(type(node))
        if op is not None:
            return Binary(op, self.expr(node.this), self.expr(node.expression))
        if isinstance(node, exp.Alias):
            raise self._follows(node)
        for kind, words in _REFUSED.items():
            if isinstance(node, kind):
                raise self.refused(node, "DM3102", f"{words} can't stand in an expression")
        if isinstance(node, exp.Func) and isinstance(node, exp.Binary) and not self.word_at(node):
            sign = re.compile(_SIGN).search(self.text, self._offset(node))
            if sign is not None:
                raise self.refused(node, "DM3103", f"the operator `{sign.group()}` is not known here", word=_SIGN)
        found = self.call(self, node)
        if found is None:
            word = _WORDS.get(type(node), "")
            raise self.refused(node, "DM3102", f"`{type(node).__name__}` is not part of the expression language", word=word)
        return found

    def _follows(self, node: exp.Alias) -> UserError:
        """Two operands in a row, which SQL reads as a name for the first: `price quantity`, `country = New Zealand`."""
        self.expr(node.this)
        offset = self._offset(node.args["alias"])
        before = [spot for spot in spots(self.text) if spot.end <= offset]
        hint = quoting(self.text, before[-1]) if before else ""
        return refuse("DM3102", f"an operator is missing before `{node.alias}`", text=self.text, offset=offset, hint=hint)

    def _number(self, node: exp.Expr, text: str) -> Expr:
        """A number."""
        try:
            return number(text)
        except ValueError:
            raise self.refused(node, "DM3102", "a number is written in digits, a thousand at most") from None

    def _column(self, node: exp.Column) -> Expr:
        """A column, or what its placeholder stands for."""
        if not isinstance(node.this, exp.Identifier) or node.args.get("db"):
            raise self.refused(node, "DM3102", "a column is written `column` or `table.column`")
        if not node.table and node.name in self.known:
            return self.known[node.name]
        # PostgreSQL folds what is not quoted; ClickHouse reads every name as it stands.
        folds = self.dialect in FOLDING and not node.this.args.get("quoted")
        return Column(node.name.lower() if folds else node.name, node.table)

    def _logic(self, node: exp.Connector) -> Expr:
        """A chain of AND or OR as one flat node; long chains don't recurse."""
        kind: type[exp.Expr] = type(node)
        parts: list[exp.Expr] = []
        stack: list[exp.Expr] = [node]
        while stack:
            top = stack.pop()
            if isinstance(top, exp.Connector) and type(top) is kind:
                stack += [top.expression, top.this]
            elif isinstance(top, exp.Paren) and type(top.this) is kind:
                stack.append(top.this)
            else:
                parts.append(top)
        args = tuple(self.expr(part) for part in parts)
        return And(args) if kind is exp.And else Or(args)

    def _test(self, node: exp.Expr) -> Expr:
        """IN, BETWEEN, IS, LIKE."""
        arg = self.expr(node.this)
        match node:
            case exp.In():
                if node.args.get("query") or node.args.get("unnest") or node.args.get("field") or not node.expressions:
                    raise self.refused(node, "DM3102", "IN takes a list of values, not a subquery", word=r"\bin\b")
                return In(arg, tuple(self.expr(option) for option in node.expressions))
            case exp.Between():
                return Between(arg, self.expr(node.args["low"]), self.expr(node.args["high"]))
            case exp.Is():
                return self._is(node, arg)
            case _:
                if isinstance(node.parent, exp.Escape):
                    raise self.refused(node, "DM3102", "LIKE … ESCAPE is not part of the expression language", word=r"\bescape\b")
                return Like(arg, self.expr(node.expression), bool(node.args.get("negate")), isinstance(node, exp.ILike))

    def _is(self, node: exp.Is, arg: Expr) -> Expr:
        """IS [NOT] NULL, TRUE and FALSE. `x IS TRUE` is never NULL."""
        negated = bool(node.args.get("negate"))
        match node.expression:
            case exp.Null():
                return IsNull(arg, negated)
            case exp.Boolean(this=truth):
                held = Case(((arg if truth else Not(arg), Literal(True, DataType.BOOLEAN)),), Literal(False, DataType.BOOLEAN))
                return Not(held) if negated else held
            case _:
                raise self.refused(node, "DM3102", "IS is known with NULL, TRUE and FALSE only", word=r"\bis\b")

    def _case(self, node: exp.Expr) -> Expr:
        """CASE in both forms, and if(condition, then, else)."""
        if isinstance(node, exp.If):
            otherwise = node.args.get("false")
            return Case(((self.expr(node.this), self.expr(node.args["true"])),), None if otherwise is None else self.expr(otherwise))
        subject = None if node.this is None else self.expr(node.this)
        whens: list[tuple[Expr, Expr]] = []
        for branch in node.args["ifs"]:
            when = self.expr(branch.this)
            whens.append((when if subject is None else Binary("=", subject, when), self.expr(branch.args["true"])))
        default = node.args.get("default")
        return Case(tuple(whens), None if default is None else self.expr(default))

    def _moved(self, node: exp.Expr, interval: exp.Interval) -> Expr:
        """`x + interval '1 month'`."""
        self.check_parts(interval, _PARTS[exp.Interval])
        amount, unit = interval.this, interval.args.get("unit")
        text = amount.name if isinstance(amount, exp.Literal) else ""
        if isinstance(amount, exp.Neg) and isinstance(amount.this, exp.Literal):
            text = f"-{amount.this.name}"
        grain = str(unit.name).lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
        if not _COUNT.fullmatch(text) or grain not in {g.value for g in Grain}:
            raise self.refused(node, "DM3102", "an interval is a whole number of one unit, such as `interval '3 months'`", word="interval")
        if abs(int(text)) > MOST_SHIFT:
            raise self.refused(node, "DM3104", f"a time is moved by at most {MOST_SHIFT} periods")
        count = int(text) if isinstance(node, exp.Add) else -int(text)
        return Shift(self.expr(node.this), count, Grain(grain))

    def _offset(self, node: exp.Expr | None) -> int:
        """Where the node begins in the text: the first place known of it or of what it holds."""
        if node is None:
            return 0
        starts = [found.meta["start"] for found in node.walk() if "start" in found.meta]
        return min(starts) - self.shift if starts else 0


def _type_word(node: exp.Expr) -> str:
    """The name of the type in a conversion, as a pattern: what follows `::` or `as`, else the first word of the type."""
    return r"(?<=::)\w|(?<=::\s)\w|(?<=\bas\s)\w" if isinstance(node, exp.Cast) else ""


def negated(inner: Expr) -> Expr:
    """NOT of a test that has a negative form of its own, else Not."""
    match inner:
        case In(arg=arg, options=options, negated=negated):
            return In(arg, options, not negated)
        case Between(arg=arg, low=low, high=high, negated=negated):
            return Between(arg, low, high, not negated)
        case IsNull(arg=arg, negated=negated):
            return IsNull(arg, not negated)
        case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
            return Like(arg, pattern, not negated, ignore_case)
        case _:
            return Not(inner)


def minus(inner: Expr) -> Expr:
    """A negative number as a literal, else Negate."""
    if isinstance(inner, Literal) and inner.type.is_numeric and inner.value is not None:
        if isinstance(inner.value, int):
            return Literal(-inner.value, inner.type)
        return Literal(inner.value[1:] if str(inner.value).startswith("-") else f"-{inner.value}", inner.type)
    return Negate(inner)
