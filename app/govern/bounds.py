"""Arguments that decide how much work a call makes must be literals within bounds: a statement timeout comes too late for a gigabyte of text."""

from __future__ import annotations

import datetime as dt
import re

from sqlglot import exp

from app.govern.problems import refuse
from app.model.types import Dialect
from app.sql.allowlist.clickhouse import AGGREGATES
from app.sql.allowlist.functions import is_combined

MAX_REPEAT = 1_000
"""Most repetitions, or characters of padding, that a text function may make."""
MAX_ROWS = 100_000
"""Most rows that a generator may make."""
MAX_ARRAY = 10_000
"""Most elements of an array that a function may make."""
MAX_EXPONENT = 300
"""Largest exponent: beyond it exact numerics cost seconds."""
MAX_PATTERN = 300
"""Longest regular expression."""

_REPEATING = frozenset({"repeat", "lpad", "rpad", "leftpad", "rightpad", "leftpadutf8", "rightpadutf8", "space", "pad"})
_ARRAYS = frozenset({"range", "arraywithconstant", "arrayresize"})
_GENERATORS = frozenset({"numbers", "generate_series", "generateseries", "explodinggenerateseries"})
_PATTERN_CALLS = frozenset(
    {
        *(
            "regexplike",
            "regexpilike",
            "regexpreplace",
            "regexpextract",
            "regexpextractall",
            "regexpsplit",
            "regexpcount",
            "regexpinstr",
            "regexp_like",
        ),
        *(
            "regexp_match",
            "regexp_matches",
            "regexp_replace",
            "regexp_split_to_array",
            "regexp_split_to_table",
            "regexp_substr",
            "regexp_count",
        ),
        *("regexp_instr",),
    }
)
_REDUCING = frozenset({"arrayreduce", "arrayreduceinranges"})
_BOUNDED = _REPEATING | _ARRAYS | _GENERATORS | _PATTERN_CALLS | _REDUCING | {"format"}
_SIZED_BY = {"arraywithconstant": 0, "arrayresize": 1}
"""Which argument says how long the array becomes."""
_WIDTH = re.compile(r"%(?:\d+\$)?-?(\d+|\*)")
_STEP = re.compile(r"\s*(\d{1,9})\s*(hour|day|week|mon|month|quarter|year)s?\s*", re.IGNORECASE)
_DATE = re.compile(r"\s*(?:\d{1,4}-\d{1,2}(?:-\d{1,2})?[ T\d:.+-]*|now|today|yesterday|tomorrow)\s*", re.IGNORECASE)
_HOURS = {"hour": 1, "day": 24, "week": 168, "mon": 720, "month": 720, "quarter": 2160, "year": 8640}


_ANY_NAME = (exp.Anonymous, exp.AnonymousAggFunc)


def has_bounds(kind: type[exp.Expr]) -> bool:
    """Whether `check_bounds` may find something in a node of that class: one that limits rows, a power, a call of any name or of one that is bounded."""
    return issubclass(kind, (exp.Limit, exp.Fetch, exp.Offset, exp.Pow, *_ANY_NAME)) or kind.__name__.lower() in _BOUNDED


def check_bounds(node: exp.Expr, dialect: Dialect) -> None:
    """Refuse a node of such a class (`has_bounds`) whose size-giving argument is no literal within bounds. Raises UserError DM4015, DM4018."""
    if isinstance(node, exp.Limit | exp.Fetch | exp.Offset):
        _check_limit(node)
        return
    if isinstance(node, exp.Pow):
        _check_exponent(node.expression)
        return
    name = call_name(node)
    if name in _REPEATING:
        _check_repeat(node)
    elif name in _SIZED_BY:
        given = arguments(node)
        number = integer(given[_SIZED_BY[name]]) if len(given) > _SIZED_BY[name] else None
        if number is None or abs(number) > MAX_ARRAY:
            raise _unbounded(node)
    elif name in _REDUCING:
        _check_reducer(node)
    elif dialect is Dialect.POSTGRES and name == "format":
        _check_format(node)
    elif name in _ARRAYS:
        for argument in arguments(node):
            number = integer(argument)
            if number is not None and abs(number) > MAX_ARRAY:
                raise _unbounded(node)
        if not any(integer(argument) is not None for argument in arguments(node)):
            raise _unbounded(node)
    elif name in _GENERATORS:
        _check_generator(node, dialect)
    elif dialect is Dialect.POSTGRES and name in _PATTERN_CALLS:
        _check_pattern(node)


def call_name(node: exp.Expr) -> str:
    """The name of a call in lower case, whichever node the parser made of it."""
    if isinstance(node, _ANY_NAME):
        return str(node.this).lower()
    return type(node).__name__.lower()


def arguments(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a call in the order that the parser keeps."""
    result: list[exp.Expr] = []
    for value in node.args.values():
        result.extend(item for item in (value if isinstance(value, list) else [value]) if isinstance(item, exp.Expr))
    return result


def integer(node: exp.Expr | None) -> int | None:
    """The value of an integer literal, also a negative one; None for all else."""
    if isinstance(node, exp.Paren):
        return integer(node.this)
    if isinstance(node, exp.Neg):
        inner = integer(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdecimal() and len(node.name) < 20:
        return int(node.name)
    return None


def _check_limit(node: exp.Limit | exp.Fetch | exp.Offset) -> None:
    count = node.args.get("count") if isinstance(node, exp.Fetch) else node.args.get("expression")
    if isinstance(count, exp.Var) and count.name.upper() == "ALL":
        return
    if count is not None and (integer(count) is None or (integer(count) or 0) < 0) and not isinstance(count, exp.Null):
        raise refuse("DM4018", "LIMIT, OFFSET and FETCH take a whole number", node)


def _check_repeat(node: exp.Expr) -> None:
    numbers = [number for argument in arguments(node) if (number := integer(argument)) is not None]
    nested = any(call_name(inner) in _REPEATING for inner in node.walk() if inner is not node and isinstance(inner, exp.Func))
    if nested or not numbers or any(number > MAX_REPEAT for number in numbers):
        raise _unbounded(node)


def _check_generator(node: exp.Expr, dialect: Dialect) -> None:
    if dialect is Dialect.CLICKHOUSE:
        counts = [integer(argument) for argument in arguments(node)]
        if any(count is None or count < 0 for count in counts) or not counts or max(count or 0 for count in counts) > MAX_ROWS:
            raise _unbounded(node)
        return
    made = series_rows(node)
    if made is None or made > MAX_ROWS:
        raise _unbounded(node)


def series_rows(node: exp.Expr) -> int | None:
    """About how many rows a series makes; 1 where its ends are dates that are not written out, None where nothing bounds it."""
    given = arguments(node)
    whole = [integer(argument) for argument in given]
    if all(number is not None for number in whole) and 2 <= len(whole) <= 3:
        start, stop, step = ([number or 0 for number in whole] + [1])[:3]
        return abs(stop - start) // abs(step) + 1 if step else None
    if len(given) != 3 or not (hours := _step_hours(given[2])):
        return None
    first, last = (_moment(one) for one in given[:2])
    if first is False or last is False:
        return None
    if isinstance(first, dt.datetime) and isinstance(last, dt.datetime):
        return int(abs((last - first).total_seconds()) // 3600) // hours + 1
    return 1


def _step_hours(step: exp.Expr) -> int:
    """The step of a series of dates in hours; 0 where it is not written out, not positive, or shorter than an hour."""
    if isinstance(step, exp.Cast) and step.to.is_type("interval"):
        step = step.this
    if isinstance(step, exp.Interval):
        amount, unit = step.this, step.args.get("unit")
        text = f"{amount.name} {unit.name}" if isinstance(amount, exp.Literal) and unit is not None else ""
    else:
        text = step.name if isinstance(step, exp.Literal) and step.is_string else ""
    found = _STEP.fullmatch(text)
    return int(found[1]) * _HOURS[found[2].lower()] if found else 0


def _moment(node: exp.Expr) -> dt.datetime | bool | None:
    """A date or time that is written out; None for what is computed, False for a text that is none within the years that a series may span."""
    if isinstance(node, exp.Cast | exp.Paren):
        return _moment(node.this)
    if not isinstance(node, exp.Literal) or not node.is_string:
        return None
    try:
        return dt.datetime.fromisoformat(node.name.strip()).replace(tzinfo=None)
    except ValueError:
        return None if _DATE.fullmatch(node.name) else False


def _check_format(node: exp.Expr) -> None:
    """PostgreSQL's `format` pads as far as its text says, or an argument in place of a `*`."""
    text = node.this
    if not isinstance(text, exp.Literal) or any(width == "*" or int(width) > MAX_REPEAT for width in _WIDTH.findall(text.name)):
        raise refuse("DM4015", f"the widths of a format must be written in its text, and be at most {MAX_REPEAT}", node)


def _check_reducer(node: exp.Expr) -> None:
    """The function that `arrayReduce` calls is named by a text, which the list of functions does not see."""
    given = arguments(node)
    name = given[0].name.partition("(")[0].strip().lower() if given and isinstance(given[0], exp.Literal) else ""
    if name not in AGGREGATES and not is_combined(name):
        raise refuse("DM4013", "this function may not be called by its name in a text", node)


def _check_exponent(exponent: exp.Expr | None) -> None:
    number = integer(exponent)
    if isinstance(exponent, exp.Literal) and number is None:
        number = int(float(exponent.name)) if not exponent.is_string else MAX_EXPONENT + 1
    if number is None or abs(number) > MAX_EXPONENT:
        raise refuse("DM4015", "the exponent must be a number of moderate size", exponent)


def _check_pattern(node: exp.Expr) -> None:
    pattern = node.args.get("expression")
    if isinstance(node, exp.Anonymous):
        pattern = node.expressions[1] if len(node.expressions) > 1 else None
    if not isinstance(pattern, exp.Literal) or len(pattern.name) > MAX_PATTERN:
        raise refuse("DM4015", f"a regular expression must be a literal of at most {MAX_PATTERN} characters", node)
    text = pattern.name.replace("\\\\", "")
    if any(text[at] == "\\" and text[at + 1 : at + 2].isdigit() for at in range(len(text))):
        raise refuse("DM4015", "a regular expression with back-references is not allowed", node)


def _unbounded(node: exp.Expr) -> Exception:
    return refuse("DM4015", "this call could make too much: its size must be a literal of moderate size", node)
