"""Feedback and corrections as every door writes them in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.model.corrections import Correction, Difference, Replay
from app.model.records import QueryRecord
from app.redaction.redact import redact
from app.service.audit import Caller
from app.service.correcting import Waiting, differences_of
from app.service.deps import Deps
from app.service.feedback import Reviewed
from app.service.known_values import WITHHELD, query_shown, shows, sql_shown, told
from app.service.present import fields


def correction_body(deps: Deps, caller: Caller, one: Correction) -> dict[str, Any]:
    """A correction, its query and its differences written out, as the caller may see it. Raises what having a view raises."""
    body = fields(one, "project_id", "query", "diff")
    seen = shows(deps, caller, one)
    shown = {"query": msgspec.json.decode(one.query) if one.query else None} if seen else {"question": WITHHELD, "query": None, "sql": ""}
    differences = [fields(difference) for difference in told(deps, caller, differences_of(one))]
    return {**body, **shown, "reason": redact(one.reason), "withheld": not seen, "differences": differences}


def waiting_body(deps: Deps, caller: Caller, one: Waiting) -> dict[str, Any]:
    """A correction that waits, with the job that does its replay."""
    return {**correction_body(deps, caller, one.correction), "job_id": one.job_id}


def entry_body(deps: Deps, caller: Caller, found: Reviewed) -> dict[str, Any]:
    """An entry with its age, the asker's words and what they were told: without the query where its values are not shown to the caller."""
    entry, record = found.entry, found.record
    answer = msgspec.json.decode(record.answer) if record is not None and record.answer else {}
    query = record.semantic_query if record is not None and query_shown(deps, caller, record.semantic_query) else ""
    seen = record is not None and (query != "" if record.semantic_query else _sql_shown(deps, caller, record))
    return {
        **fields(entry, "project_id"),
        "comment": redact(entry.comment),  # earlier versions kept both as they were said
        "reason": redact(entry.reason),
        "tag": entry.status.replace("_", "-"),
        "age_seconds": max(0, int((deps.clock.now() - entry.created_at).total_seconds())),
        "asked_by": record.user_id if record is not None else "",
        "asked_at": record.created_at if record is not None else None,
        "question": record.question if record is not None else "",
        "outcome": answer.get("outcome", ""),
        "restated": answer.get("restated", "") if seen else WITHHELD,
        "confidence": record.confidence if record is not None else 0.0,
        "semantic_query": msgspec.json.decode(query) if query else None,
        "sql": record.sql if record is not None and seen else "",
        "layer_version": record.layer_version if record is not None else "",
        "correction": correction_body(deps, caller, found.correction) if found.correction is not None else None,
    }


def _sql_shown(deps: Deps, caller: Caller, record: QueryRecord) -> bool:
    """Whether the caller may be shown the SQL of a turn without a query: that under a question is nobody's own words, but a correction's or a model's."""
    return not (record.question and record.sql) or sql_shown(deps, caller, record.sql, record.engine)


def replay_body(deps: Deps, caller: Caller, found: Replay | None, differences: Sequence[Difference]) -> dict[str, Any]:
    """The last replay of all approved questions, as the caller may see it. Raises what having a view raises."""
    return {
        "models": found.mark if found is not None else "",
        "replayed_at": found.replayed_at if found is not None else None,
        "differences": [fields(one) for one in told(deps, caller, differences)],
    }
