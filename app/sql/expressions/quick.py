"""A quick way for the commonest forms of the expression grammar: it gives the very tree that the full parser gives, or nothing at all.

A layer has thousands of short expressions (`net_amount`, `price * quantity`, `{{ Dimension('order__status') }} = 'paid'`), and reading one with
the full parser takes a fifth of a millisecond. Whatever is not plainly one of the forms below is left to that parser, errors and their places too:

    or      = and { OR and }                  and = not { AND not }          not = NOT not | test
    test    = sum [ comparison sum | IS [NOT] NULL | [NOT] (IN "(" sum { "," sum } ")" | BETWEEN sum AND sum | LIKE sum | ILIKE sum) ]
    sum     = product { (+|-) product }       product = unary { (*|/) unary }          unary = "-" unary | primary
    primary = number | text | TRUE | FALSE | NULL | [table "."] column | item | "(" or ")" | function "(" sum { "," sum } ")"
            | CASE WHEN or THEN or { WHEN or THEN or } [ ELSE or ] END
    item    = "{{" Dimension | TimeDimension | Entity of constant texts "}}"

A column is a bare word that has no meaning of its own in the dialect.
"""

from __future__ import annotations

import functools
import re

from sqlglot.dialects.dialect import Dialect as Grammar

from app.model.expr import And, Between, Binary, Call, Case, Column, Expr, Field, In, IsNull, Like, Literal, Or
from app.model.types import DataType, DatePart
from app.sql.expressions.convert import FOLDING, minus, negated
from app.sql.expressions.fields import split_name
from app.sql.expressions.functions import CATALOGUE
from app.sql.expressions.values import number

LONGEST_QUICK = 2_000
"""Characters; longer texts are left to the full parser."""
DEEPEST_QUICK = 10
"""Levels of brackets, NOT, minus and CASE; deeper nesting is left to the full parser, which knows where it must stop."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?(?![\w.$]))
    | (?P<text>'[^'\\\x00-\x1f\x7f]*'(?!'))
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.$]))
    | (?P<item>\{\{\s*(?:Dimension|Entity)\(\s*(?:'\w+'|"\w+")\s*\)\s*\}\}
        | \{\{\s*TimeDimension\(\s*(?:'\w+'|"\w+")\s*,\s*(?:'\w+'|"\w+")\s*\)\s*\}\})
    | (?P<sign><>|!=|<=|>=|[-+*/=<>(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_ITEM = re.compile(r"(\w+)\(\s*['\"](\w+)['\"](?:\s*,\s*['\"](\w+)['\"])?", re.ASCII)
_KINDS = {"Dimension": "dimension", "TimeDimension": "time_dimension", "Entity": "entity"}
_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TESTS = frozenset({"is", "in", "between", "like", "ilike", "not", *_COMPARISONS})
_FUNCTIONS = frozenset({"coalesce", "nullif", "abs", "lower", "upper", "greatest", "least"})
_CONSTANTS = {
    "true": Literal(True, DataType.BOOLEAN),
    "false": Literal(False, DataType.BOOLEAN),
    "null": Literal(None, DataType.OTHER),
}
_END = ("", "")


def quick(text: str, reader: str, *, items: bool) -> Expr | None:
    """The tree of `text` in the sqlglot dialect `reader`, or None where the full parser is to read it; `items` allows dbt's braces."""
    if len(text) > LONGEST_QUICK:
        return None
    word = text.strip(" ")
    if _WORD.fullmatch(word) and word.lower() not in _CONSTANTS:
        return None if word.lower() in reserved(reader) else Column(word.lower() if reader in FOLDING else word)
    if "--" in text or "/*" in text:
        return None
    tokens = _tokens(text, items)
    if not tokens:
        return None
    try:
        return _Reader(tokens, reader).whole()
    except _Left:
        return None


@functools.cache
def reserved(reader: str) -> frozenset[str]:
    """The words, in lower case, that may mean more than a column to the dialect's parser."""
    grammar = Grammar.get_or_raise(reader)
    words = {word for phrase in grammar.tokenizer_class.KEYWORDS for word in str(phrase).lower().split()}
    words |= {str(name).lower() for name in grammar.parser_class.NO_PAREN_FUNCTION_PARSERS}
    return frozenset(words) | {
        "case",
        "when",
        "then",
        "else",
        "end",
        "and",
        "or",
        "not",
        "is",
        "in",
        "between",
        "like",
        "ilike",
        "interval",
    }


class _Left(Exception):
    """The text is left to the full parser."""


def _tokens(text: str, items: bool) -> list[tuple[str, str]]:
    """(kind, text) of each token; nothing where a character is of no token."""
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip(" \t\r\n"))
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            return []
        kind = str(match.lastgroup)
        if kind == "item" and not items:
            return []
        found.append((kind, match[kind]))
        at = match.end()
    return found


class _Reader:
    """Reads one text's tokens by descent. `wrapped` counts the brackets directly around what was read last: chains in one pair are joined."""

    __slots__ = ("at", "folds", "levels", "reserved", "tokens", "wrapped")

    def __init__(self, tokens: list[tuple[str, str]], reader: str) -> None:
        self.tokens, self.at, self.levels, self.wrapped = [*tokens, _END], 0, 0, 0
        self.folds, self.reserved = reader in FOLDING, reserved(reader)

    def whole(self) -> Expr:
        """The one expression that the tokens are. Raises _Left."""
        found = self._chain("or")
        if self.tokens[self.at] is not _END:
            raise _Left
        return found

    def _chain(self, word: str) -> Expr:
        """OR of ANDs, AND of tests."""
        below = self._not if word == "and" else self._ands
        found = below()
        if self._word() != word:
            return found
        parts = self._parts(found, word)
        while self._took(word):
            parts += self._parts(below(), word)
        self.wrapped = 0
        return And(tuple(parts)) if word == "and" else Or(tuple(parts))

    def _parts(self, found: Expr, word: str) -> list[Expr]:
        """The parts of a chain of the same word in one pair of brackets, which means the same without them; else the one that was read."""
        if self.wrapped == 1 and ((word == "and" and isinstance(found, And)) or (word == "or" and isinstance(found, Or))):
            return [*found.args]
        return [found]

    def _ands(self) -> Expr:
        return self._chain("and")

    def _not(self) -> Expr:
        if not self._took("not"):
            return self._test()
        self._deeper()
        found = negated(self._not())
        self.levels -= 1
        self.wrapped = 0
        return found

    def _test(self) -> Expr:
        """A sum, or what is asked of it; a second question right after is the full parser's."""
        left = self._sum()
        word = self._word()
        if word not in _TESTS:
            return left
        self.at += 1
        if word in _COMPARISONS:
            found: Expr = Binary(_COMPARISONS[word], left, self._sum())
        elif word == "is":
            no = self._took("not")
            self._take("null")
            found = IsNull(left, no)
        else:
            no = word == "not"
            if no:
                word = self._word()
                self.at += 1
            found = self._range(left, word, no)
        if self._word() in _TESTS:
            raise _Left
        self.wrapped = 0
        return found

    def _range(self, left: Expr, word: str, no: bool) -> Expr:
        if word == "in":
            return In(left, self._list(), no)
        if word == "between":
            low = self._sum()
            self._take("and")
            return Between(left, low, self._sum(), no)
        if word in ("like", "ilike"):
            return Like(left, self._sum(), no, word == "ilike")
        raise _Left

    def _sum(self) -> Expr:
        left = self._product()
        while (sign := self._word()) in ("+", "-"):
            self.at += 1
            left = Binary(sign, left, self._product())
            self.wrapped = 0
        return left

    def _product(self) -> Expr:
        left = self._unary()
        while (sign := self._word()) in ("*", "/"):
            self.at += 1
            left = Binary(sign, left, self._unary())
            self.wrapped = 0
        return left

    def _unary(self) -> Expr:
        if not self._took("-"):
            return self._primary()
        self._deeper()
        found = minus(self._unary())
        self.levels -= 1
        self.wrapped = 0
        return found

    def _primary(self) -> Expr:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "sign" and text == "(":
            self._deeper()
            found = self._chain("or")
            self._take(")")
            self.levels -= 1
            self.wrapped += 1
            return found
        self.wrapped = 0
        if kind == "word":
            return self._named(text)
        if kind == "number":
            return number(text)
        if kind == "text":
            return Literal(text[1:-1], DataType.TEXT)
        if kind == "item":
            return _field(text)
        raise _Left

    def _named(self, text: str) -> Expr:
        """A constant, CASE, a function or a column."""
        word = text.lower()
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word == "case":
            return self._case()
        if self._word() == "(":
            return self._call(word)
        table, _, name = text.rpartition(".")
        if name.lower() in self.reserved or table.lower() in self.reserved:
            raise _Left
        return Column(name.lower() if self.folds else name, table)

    def _call(self, name: str) -> Expr:
        function = CATALOGUE.get(name) if name in _FUNCTIONS else None
        if function is None:
            raise _Left
        args = self._list()
        if len(args) < function.least or (function.most is not None and len(args) > function.most):
            raise _Left
        return Call(name, args)

    def _list(self) -> tuple[Expr, ...]:
        """One or more sums in brackets."""
        self._take("(")
        self._deeper()
        found = [self._sum()]
        while self._took(","):
            found.append(self._sum())
        self._take(")")
        self.levels -= 1
        self.wrapped = 0
        return tuple(found)

    def _case(self) -> Expr:
        self._deeper()
        whens: list[tuple[Expr, Expr]] = []
        while self._took("when"):
            condition = self._chain("or")
            self._take("then")
            whens.append((condition, self._chain("or")))
        otherwise = self._chain("or") if self._took("else") else None
        self._take("end")
        if not whens:
            raise _Left
        self.levels -= 1
        self.wrapped = 0
        return Case(tuple(whens), otherwise)

    def _word(self) -> str:
        """The next token where it is a sign or a word, in lower case; else ""."""
        kind, text = self.tokens[self.at]
        return text if kind == "sign" else text.lower() if kind == "word" else ""

    def _took(self, word: str) -> bool:
        """Step over the next token where it is that sign or word."""
        if self._word() != word:
            return False
        self.at += 1
        return True

    def _take(self, word: str) -> None:
        if not self._took(word):
            raise _Left

    def _deeper(self) -> None:
        self.levels += 1
        if self.levels > DEEPEST_QUICK:
            raise _Left


def _field(text: str) -> Field:
    """The reference between a pair of braces; names fall into lower case, and a grain may be the name's last part."""
    match = _ITEM.search(text)
    if match is None:
        raise _Left
    maker, name, grain = match[1], match[2], match[3] or ""
    part = ""
    if not grain:
        name, grain, part = split_name(name)
    return Field(name.lower(), _KINDS[maker], (), grain.lower(), DatePart(part.lower()) if part else None)
