"""Answers to make files of, by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.errors import Problem, Severity
from app.model.answer import Answer, Definition, Outcome, Source, Standing
from app.model.result import Result, ResultColumn, Value
from app.model.types import DataType
from app.service.exports.formats import Asked

AT = dt.datetime(2026, 5, 31, 12, 30, 5, 123456, tzinfo=dt.UTC)
REVENUE = Definition("revenue", "Revenue", "What was paid.", "sum of net_amount", "simple", "models/sales.yml", "Ana", "EUR", "#,##0.00")


def result(columns: Sequence[tuple[str, DataType]], rows: Sequence[Sequence[Value]], *, truncated: bool = False) -> Result:
    data = tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in columns)
    return Result(tuple(ResultColumn(name, kind) for name, kind in columns), data, truncated)


def texts(*values: str | None) -> Result:
    return result([("text", DataType.TEXT)], [[value] for value in values])


def asked(of: Result, **more: Any) -> Asked:
    given: dict[str, Any] = {
        "question": "revenue by country",
        "restated": "Revenue by country, 1 May 2026 to 31 May 2026",
        "text": "Revenue by country from 1 May 2026 to 31 May 2026, 2 rows.",
        "definitions": (REVENUE,),
        "engine": "postgres",
        "engine_reason": "it was asked for",
        "layer_version": "2259552e8582",
        "confidence": 0.95,
        "sources": (Source("orders", "Orders", "models/orders.sql", Standing.PASSED, 7, 0, Standing.WARNED, AT, AT),),
        "problems": (Problem("DM8071", "the source is stale", Severity.WARNING),),
    }
    answer = Answer("qry_" + "0" * 32, Outcome.ANSWER, result=of, **(given | more))
    return Asked(answer, AT, "Europe/Berlin", "cor_1")
