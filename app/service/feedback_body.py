"""Feedback and corrections as every door writes them in JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from app.model.corrections import Correction
from app.redaction.redact import redact
from app.service.correcting import Waiting, differences_of
from app.service.feedback import Reviewed
from app.service.present import fields


def correction_body(one: Correction) -> dict[str, Any]:
    """A correction; its query and its differences written out."""
    body = fields(one, "project_id", "query", "diff")
    query = msgspec.json.decode(one.query) if one.query else None
    return {**body, "query": query, "differences": [fields(difference) for difference in differences_of(one)]}


def waiting_body(one: Waiting) -> dict[str, Any]:
    """A correction that waits, with the job that does its replay."""
    return {**correction_body(one.correction), "job_id": one.job_id}


def entry_body(found: Reviewed, now: dt.datetime) -> dict[str, Any]:
    """An entry with its age, the asker's words and what they were told."""
    entry, record = found.entry, found.record
    answer = msgspec.json.decode(record.answer) if record is not None and record.answer else {}
    return {
        **fields(entry, "project_id"),
        "comment": redact(entry.comment),  # earlier versions kept it as it was said
        "tag": entry.status.replace("_", "-"),
        "age_seconds": max(0, int((now - entry.created_at).total_seconds())),
        "asked_by": record.user_id if record is not None else "",
        "asked_at": record.created_at if record is not None else None,
        "question": record.question if record is not None else "",
        "outcome": answer.get("outcome", ""),
        "restated": answer.get("restated", ""),
        "confidence": record.confidence if record is not None else 0.0,
        "semantic_query": msgspec.json.decode(record.semantic_query) if record is not None and record.semantic_query else None,
        "sql": record.sql if record is not None else "",
        "layer_version": record.layer_version if record is not None else "",
        "correction": correction_body(found.correction) if found.correction is not None else None,
    }
