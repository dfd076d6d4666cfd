"""Arguments that decide how much work a call makes must be literals within bounds: a statement timeout comes too late for a gigabyte of text."""

from __future__ import annotations

from sqlglot import exp

from app.govern.problems import refuse
from app.model.types import Dialect

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
_BOUNDED = _REPEATING | _ARRAYS | _GENERATORS | _PATTERN_CALLS


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
    given = arguments(node)
    whole = [integer(argument) for argument in given]
    if all(number is not None for number in whole) and 2 <= len(whole) <= 3:
        start, stop, step = ([number or 0 for number in whole] + [1])[:3]
        if step and abs(stop - start) // abs(step) < MAX_ROWS:
            return
        raise _unbounded(node)
    if len(given) == 3 and isinstance(given[2], exp.Interval) and _is_coarse(given[2]):
        return
    raise _unbounded(node)


def _is_coarse(step: exp.Interval) -> bool:
    """Whether the step of a series of dates is a positive number of hours or more."""
    amount, unit = step.this, step.args.get("unit")
    if not isinstance(amount, exp.Literal) or unit is None:
        return False
    word = unit.name.upper().rstrip("S")
    return amount.name.isdecimal() and int(amount.name[:9]) > 0 and word in ("HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


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
