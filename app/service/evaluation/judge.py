"""Whether the rows of an answer are right: as those of the gold, in any order unless one is asked for, under columns of any name, with others beside them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from app.service.evaluation.cells import close, mark, number, same
from app.service.evaluation.question import Cell
from app.service.evaluation.table import GoldTable, Table

_SCALES = (1.0, 100.0, 0.01)
"""A share of a half may be written 0.5 or 50."""
_MOST_WAYS = 2_000
"""In so many ways columns are set against each other."""
_MOST_MATCHED = 200
"""Rows that nothing but their values tells apart are matched one by one up to so many, and beyond in the order of their values."""

_Way = tuple[tuple[int, float], ...]
"""For each gold column the column of the answer that stands for it, and what its numbers are multiplied by."""


def is_right(answer: Table, gold: GoldTable) -> bool:
    """Whether the answer has the gold's rows."""
    wanted = [row for row in gold.table.rows if gold.table.counts(row)]
    if not wanted:
        return not any(answer.counts(row) for row in answer.rows)
    return any(_fits(answer, gold, wanted, way) for way in islice(_ways(answer, gold, wanted), _MOST_WAYS))


def _ways(answer: Table, gold: GoldTable, wanted: Sequence[Sequence[Cell]]) -> Iterator[_Way]:
    """How columns of the answer may stand for those of the gold, the likeliest first: names say little, since every project has its own."""
    choices = [_choices(answer, gold, wanted, at) for at in range(gold.table.width)]

    def chosen(at: int, taken: tuple[tuple[int, float], ...]) -> Iterator[_Way]:
        if at == len(choices):
            yield taken
            return
        for one in choices[at]:
            if all(one[0] != other for other, _ in taken):
                yield from chosen(at + 1, (*taken, one))

    yield from chosen(0, ())


def _choices(answer: Table, gold: GoldTable, wanted: Sequence[Sequence[Cell]], at: int) -> list[tuple[int, float]]:
    """The columns of the answer in which each cell of a gold column is found."""
    name = gold.table.columns[at] if gold.table.columns else ""
    cells = [row[at] for row in wanted]
    scales = _SCALES if at in gold.shares else _SCALES[:1]
    held = [[row[place] for row in answer.rows] for place in range(answer.width)]
    found = [(place, scale) for place, column in enumerate(held) for scale in scales if _holds(column, cells, scale)]
    names = answer.columns
    return sorted(found, key=lambda one: (not names or names[one[0]] != name, not names or not names[one[0]].endswith(name), one[0]))


def _holds(held: Sequence[Cell], wanted: Sequence[Cell], scale: float) -> bool:
    """Whether each of the wanted cells is among those held."""
    numbers = sorted(found * scale for cell in held if (found := number(cell)) is not None)
    texts = {mark(cell) for cell in held if number(cell) is None}
    for cell in wanted:
        value = number(cell)
        if value is None:
            if mark(cell) not in texts:
                return False
            continue
        at = bisect_left(numbers, value)
        if not any(close(near, value) for near in numbers[max(0, at - 1) : at + 1]):
            return False
    return True


def _fits(answer: Table, gold: GoldTable, wanted: Sequence[Sequence[Cell]], way: _Way) -> bool:
    """Whether the answer's rows, looked at in this way, are the gold's."""
    picked = ([row[place] for place, _ in way] for row in answer.rows)
    rows = [row for row in picked if gold.table.counts(row)]
    if len(rows) != len(wanted):
        return False
    scales = [scale for _, scale in way]
    if gold.order is not None and not _in_order(rows, wanted, scales, gold.order):
        return False
    keys = sorted(gold.table.keys | {at for at, (place, _) in enumerate(way) if place in answer.keys})  # 2025 is not nearly 2026
    got, right = _by_key(rows, keys), _by_key(wanted, keys)
    return got.keys() == right.keys() and all(_same_rows(got[key], right[key], scales) for key in right)


def _in_order(rows: Sequence[Sequence[Cell]], wanted: Sequence[Sequence[Cell]], scales: Sequence[float], order: Sequence[int]) -> bool:
    """Whether the rows stand as they should; where it is known what orders them, rows that are equal in that may change places."""
    columns = order or range(len(scales))
    return all(same(row[at], other[at], scales[at]) for row, other in zip(rows, wanted, strict=True) for at in columns)


def _by_key(rows: Sequence[Sequence[Cell]], keys: Sequence[int]) -> Mapping[tuple[Cell, ...], list[Sequence[Cell]]]:
    """The rows by what they are of."""
    found: dict[tuple[Cell, ...], list[Sequence[Cell]]] = {}
    for row in rows:
        found.setdefault(tuple(mark(row[at]) for at in keys), []).append(row)
    return found


def _same_rows(rows: Sequence[Sequence[Cell]], wanted: Sequence[Sequence[Cell]], scales: Sequence[float]) -> bool:
    """Whether each row has its own equal among the others."""
    if len(rows) != len(wanted):
        return False
    if len(rows) > _MOST_MATCHED:
        pairs = zip(sorted(rows, key=_rank), sorted(wanted, key=_rank), strict=True)
        return all(_same_row(row, other, scales) for row, other in pairs)
    taken: dict[int, int] = {}

    def place(at: int, seen: set[int]) -> bool:
        for to, other in enumerate(wanted):
            if to not in seen and _same_row(rows[at], other, scales):
                seen.add(to)
                if to not in taken or place(taken[to], seen):
                    taken[to] = at
                    return True
        return False

    return all(place(at, set()) for at in range(len(rows)))


def _same_row(row: Sequence[Cell], other: Sequence[Cell], scales: Sequence[float]) -> bool:
    return all(same(got, gold, scale) for got, gold, scale in zip(row, other, scales, strict=True))


def _rank(row: Sequence[Cell]) -> list[tuple[bool, float, str]]:
    return [(number(cell) is None, number(cell) or 0.0, str(mark(cell))) for cell in row]
