"""Stage 6: the engine runs the governed statement, read-only and within its limits."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from app.errors import UserError
from app.model.result import Result, Value
from app.pipeline.engines import engine_named
from app.pipeline.scanned import scanned
from app.pipeline.turn import StageDeps, Turn


def execute(turn: Turn, deps: StageDeps) -> Turn:
    """Run what stage 5 made. Raises UserError DM5xxx where the engine is down, too slow or refuses."""
    if turn.governed is None:
        raise TypeError("a turn that reaches stage 6 holds governed SQL")
    try:
        result = engine_named(deps, turn.engine).execute(turn.governed, turn.cancel)
    except UserError as error:
        raise (untold(error) if _is_restricted(turn) else error) from error.__cause__
    if _is_open_to_plans(turn):
        result = by_values(result)
    return turn.with_(result=scanned(result) if deps.scan_results and not turn.principal.is_admin else result)


def untold(error: UserError) -> UserError:
    """A failure without the hint on its kind: of several that a statement meets, an engine tells the first, which may hang on rows that nobody sees."""
    return UserError(*(replace(problem, hint="") if problem.code == "DM5005" else problem for problem in error.problems))


def _is_restricted(turn: Turn) -> bool:
    """Whether the statement reads a model of which the caller sees a part only."""
    return turn.governed is not None and any(turn.served.access.of(model).restricted for model in turn.governed.models)


def _is_open_to_plans(turn: Turn) -> bool:
    """Whether the order of the rows is left to the engine, and the engine looks at rows that the caller may not: it plans by statistics of the whole table,
    so that the order in which a join gives its rows would tell of hidden ones."""
    if turn.sql is None or not _is_restricted(turn):
        return False
    return not _is_ordered(turn.sql.tree)


def _is_ordered(tree: exp.Expression) -> bool:
    """Whether the statement's own rows are: an ORDER BY within it says nothing of them, and where it stands in brackets, that within them does."""
    while isinstance(tree, exp.Subquery) and tree.args.get("order") is None:
        tree = tree.this
    return tree.args.get("order") is not None


def by_values(result: Result) -> Result:
    """The same rows in an order of their own: by their values, from the first column to the last, NULL behind. One that was cut stays as it is."""
    if result.truncated or result.row_count < 2:
        return result
    rows = sorted(result.rows(), key=lambda row: [_rank(value) for value in row])
    return Result(result.columns, tuple(zip(*rows, strict=True)), result.truncated, result.engine, result.elapsed_ms)


def _rank(value: Value) -> tuple[int, str, Value]:
    """What a value is sorted by; a NaN is neither more nor less than anything, and goes behind too."""
    if value is None or value != value:  # noqa: PLR0124 - so a NaN is told
        return 1, repr(value), ""
    return 0, type(value).__name__, value
