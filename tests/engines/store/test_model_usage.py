"""The account of language models in the store: sums that lose nothing, apart by project, person, model and day."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.model_usage import StoredModelUsage
from app.model.ids import new_id
from app.model.model_usage import Spent, UsageLine

DAY = dt.date(2026, 11, 22)
MONTH = DAY.replace(day=1)


def line(**more: object) -> UsageLine:
    return replace(UsageLine("p", DAY, "usr_1", "openai", "m", 1, 0, 100, 10, 0.25), **more)


def test_calls_that_end_at_once_are_all_counted(database: Database) -> None:
    kept, project = StoredModelUsage(database), new_id("p")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: kept.add(line(project_id=project)), range(40)))
    assert kept.lines(project, DAY, DAY) == [line(project_id=project, calls=40, tokens_in=4_000, tokens_out=400, cost=10.0)]
    assert kept.spent(project, MONTH) == Spent(40, 0, 4_000, 400, 10.0)


def test_lines_are_apart_and_in_order(database: Database) -> None:
    kept, project = StoredModelUsage(database), new_id("p")
    mine = line(project_id=project)
    lines = [
        mine,
        replace(mine, model="n", failures=1),
        replace(mine, user_id="usr_2"),
        replace(mine, day=DAY - dt.timedelta(1)),
        replace(mine, day=DAY - dt.timedelta(30)),
    ]
    for one in (*reversed(lines), line(project_id=new_id("p"))):
        kept.add(one)
    assert kept.lines(project, dt.date.min, dt.date.max) == lines
    assert kept.lines(project, DAY, DAY, "usr_2") == [lines[2]]
    assert kept.lines(project, MONTH, DAY) == lines[:4]
    assert kept.spent(project, MONTH) == Spent(4, 1, 400, 40, 1.0)
    assert kept.spent(new_id("p"), MONTH) == Spent()
