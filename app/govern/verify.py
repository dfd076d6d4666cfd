"""The last look at exactly the text that will be sent: parsed again, it holds nothing but allowed nodes, calls, CTEs and our own barriers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence

from sqlglot import exp

from app.errors import InternalError, Problem, UserError
from app.govern.problems import refuse
from app.model.types import Dialect
from app.sql.allowlist.functions import is_table_function, refused_call
from app.sql.allowlist.nodes import ALLOWED, BOUND, QUERIES, STRUCTURE, stray_part
from app.sql.parse import parse_with_tokens
from app.sql.tree import nodes

ROOM = 4
"""How much larger than what was written a governed statement may be."""

_TOO_LARGE = ("DM4001", "DM4004")


def verify(text: str, dialect: Dialect, barriers: Collection[str], ctes: Collection[str], written: str) -> None:
    """Check a regenerated text. `barriers` are the texts that govern put in, `ctes` the names that it gave.

    Raises UserError DM4013 for a call that the engine's catalogue does not allow (`written` is what the caller sent: only a name in it is repeated), DM4001 or
    DM4004 for a text that is too long, or has too many tokens; InternalError
    DM4090 where a table is read in any other way than through a barrier, or the text cannot be parsed again: a fault of ours, and nothing is run.
    """
    try:
        tree, tokens = parse_with_tokens(text, dialect, ROOM)
    except UserError as error:
        if (
            error.problem.code in _TOO_LARGE
        ):  # a metric query repeats its filter where it compares: what is long becomes several times as long
            raise refuse(
                error.problem.code, "the query makes a statement that is too large", hint="ask with fewer and shorter conditions"
            ) from error
        raise _fault(f"it does not parse again ({error.problem.code})") from error
    if name := refused_call(tokens, dialect):
        raise refuse("DM4013", f"the function `{name}` is not allowed" if name.lower() in written.lower() else "a function is not allowed")
    if type(tree) not in QUERIES:
        raise _fault("it is no query")
    spans = _spans(text, barriers)
    for node in nodes(tree):
        kind = type(node)
        if kind is exp.Table:
            if not _is_ours(node, spans, ctes, dialect):
                raise _fault("a table is read outside a barrier")
        elif not ALLOWED[kind] and kind not in BOUND:
            raise _fault(f"it holds {kind.__name__}")
        if kind in STRUCTURE and stray_part(node):
            raise _fault(f"a {kind.__name__} has a part that is not allowed")


def _is_ours(node: exp.Expr, spans: Sequence[tuple[int, int]], ctes: Collection[str], dialect: Dialect) -> bool:
    """Whether the table is a CTE that govern named, an allowed generator, or stands inside the text of a barrier."""
    name, schema = node.this, node.args.get("db")
    if not isinstance(name, exp.Identifier):
        return schema is None and is_table_function(name.sql(dialect.value).split("(", 1)[0], dialect)
    if schema is None:
        return name.this in ctes
    start = name.meta.get("start", -1)
    at = bisect_right(spans, (start, len(spans) and spans[-1][1])) - 1
    return at >= 0 and spans[at][0] <= start < spans[at][1]


def _spans(text: str, barriers: Collection[str]) -> list[tuple[int, int]]:
    """Where the barriers stand in the text, as derived tables."""
    found: list[tuple[int, int]] = []
    for barrier in set(barriers):
        wrapped = f"({barrier}) AS "
        at = text.find(wrapped)
        while at >= 0:
            found.append((at, at + len(wrapped)))
            at = text.find(wrapped, at + 1)
    return sorted(found)


def _fault(what: str) -> InternalError:
    return InternalError(
        Problem("DM4090", f"the governed statement failed its last check: {what}", hint="nothing was run; tell an administrator")
    )
