"""Where the names and constants of an expression stand in its text. Only asked once something is wrong, so trees need to carry no places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.errors import UserError
from app.model.expr import Column, Expr, Field, Literal
from app.model.types import DataType
from app.sql.expressions.fields import parse_item, split_name
from app.sql.expressions.problems import Run

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.|'')*'?)
    | (?P<item>\{\{.*?\}\})
    | (?P<quoted>(?:[A-Za-z_]\w*\.)?"(?:[^"]|"")*"?)
    | (?P<number>(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)""",
    re.VERBOSE | re.DOTALL,
)
_CALLS = re.compile(r"\s*\(")
_WORDS = frozenset(["and", "or", "not", "in", "is", "null", "between", "like", "ilike", "case", "when", "then", "else", "end", "as"])
_NAME = re.compile(r"""(['"])(.*?)\1""", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_COMPARED = re.compile(r"(?:[=<>,(]|\b(?:i?like|between|and))\s*$", re.IGNORECASE)
_VALUE_ENDS = re.compile(r"\s*(?:$|[),;]|\b(?:and|or|then|else|end)\b)", re.IGNORECASE)


class Spot(NamedTuple):
    """A name or constant with where it begins and ends in the text; `bare` is one that stands there as a plain word."""

    leaf: Expr
    start: int
    end: int
    bare: bool = False


def spots(text: str) -> list[Spot]:
    """The names and constants of the text, in order; functions and the words of conditions are left out."""
    found: list[Spot] = []
    for token in _TOKEN.finditer(text):
        kind, written = str(token.lastgroup), token.group()
        match kind:
            case "text":
                found.append(Spot(Literal(written.strip("'").replace("''", "'"), DataType.TEXT), token.start(), token.end()))
            case "item":
                found += _item(written, token.start())
            case "number":
                found.append(Spot(Literal(written, DataType.DECIMAL), token.start(), token.end()))
            case _ if kind == "word" and (written.lower() in _WORDS or _CALLS.match(text, token.end())):
                pass
            case _ if written.lower() in ("true", "false"):
                found.append(Spot(Literal(written.lower() == "true", DataType.BOOLEAN), token.start(), token.end()))
            case _:
                table, _, name = written.rpartition(".")
                found.append(Spot(Column(name.strip().strip('"'), table.strip()), token.start(), token.end(), kind == "word"))
    return found


def find(text: str, runs: Sequence[Run]) -> Spot | None:
    """Where what the runs mean stands: in the first part of the text that has all of one in a row, widest first, else where it stands by itself."""
    there = spots(text)
    for leaves, at in runs:
        for first in range(len(there) - len(leaves) + 1):
            row = there[first : first + len(leaves)]
            if all(_same(spot.leaf, leaf) for spot, leaf in zip(row, leaves, strict=True)):
                return row[at]
    leaves, at = runs[-1]
    return next((spot for spot in there if _same(spot.leaf, leaves[at])), None)


def within(text: str, spot: Spot, word: str) -> int:
    """Where the word begins in what stands at the spot, else where that begins: the grain of a time dimension, an item of a metric's `group_by`."""
    held = text[spot.start : spot.end].lower()
    if text.startswith("{{", spot.start):
        quoted = list(_NAME.finditer(held))
        whole = next((name.start(2) for name in quoted if name[2] == word.lower()), -1)
        last = next((name.end(2) - len(word) for name in quoted if name[2].endswith("__" + word.lower())), -1)
        first = quoted[0].start(2) if quoted else 0
        return spot.start + next((at for at in (whole, last) if word and at >= 0), first)
    at = held.rfind(word.lower()) if word else -1
    return spot.start + max(at, 0)


def quoting(text: str, spot: Spot, *, unknown: bool = True) -> str:
    """What to say of a word, where it is `unknown` as a name, or of a number that would mean something as a text: `country = Germany`,
    `day >= 2026-02-03`; "" where that is not so."""
    date = _DATE.match(text, spot.start)
    if date is not None:
        return f"put dates in quotes: `'{date.group()}'`"
    if not unknown or not (spot.bare and isinstance(spot.leaf, Column)) or not _COMPARED.search(text[: spot.start]):
        return ""
    end = spot.end
    while (more := re.compile(r"\s+(\w+)").match(text, end)) is not None and not _VALUE_ENDS.match(text, end):
        end = more.end()
    return f"put text in quotes: `'{text[spot.start : end]}'`" if _VALUE_ENDS.match(text, end) else ""


def _item(written: str, start: int) -> list[Spot]:
    """What stands between braces."""
    try:
        return [Spot(parse_item(written[2:-2]), start, start + len(written))]
    except UserError:
        return []


def _same(written: Expr, meant: Expr) -> bool:
    """Whether a name or constant as it is written is the one of a tree. A name without a grain there is that of any, and `metric_time` may have been
    given the grain that it has by default."""
    if isinstance(written, Literal) or isinstance(meant, Literal):
        return isinstance(written, Literal) and isinstance(meant, Literal) and _constant(written) == _constant(meant)
    if _is_metric(written) != _is_metric(meant):
        return False
    mine, other = _name(written), _name(meant)
    return other in (mine, split_name(mine)[0]) or (
        mine == "metric_time" and isinstance(meant, Field) and meant.name == mine and not meant.date_part
    )


def _constant(literal: Literal) -> tuple[bool, str]:
    """Whether it is written in quotes, and what it says without a sign."""
    return not literal.type.is_numeric, str(literal.value).removeprefix("-") if literal.type.is_numeric else str(literal.value)


def _is_metric(leaf: Expr) -> bool:
    return isinstance(leaf, Field) and leaf.kind == "metric"


def _name(leaf: Expr) -> str:
    """A column or reference as one name in lower case."""
    match leaf:
        case Column(name=name, table=table):
            return f"{table}__{name}".lower() if table else name.lower()
        case Field(name=name, path=path, grain=grain, date_part=part):
            return "__".join(filter(None, (*path, name, grain, f"extract_{part}" if part else ""))).lower()
        case _:
            return ""
