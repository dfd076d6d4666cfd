"""The audit trail, for admins."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas.security import AuditPage
from app.model.audit.catalogue import EventType
from app.ports.audit import AuditFilter
from app.service.audit_log import read, record_body

router = APIRouter(prefix=f"{PREFIX}/security", tags=["security"])

Word = Annotated[str, Query(max_length=200)]
Moment = Annotated[dt.datetime | None, Query(description="With its time zone, such as 2026-11-21T10:00:00Z; without one it is UTC.")]


def wanted(
    since: Moment = None,
    until: Moment = None,
    user_id: Word = "",
    event_type: EventType | None = None,
    status: Word = "",
    component: Word = "",
    correlation_id: Word = "",
    query_id: Word = "",
) -> AuditFilter:
    """The filter that the query string says."""
    return AuditFilter(in_utc(since), in_utc(until), user_id, event_type or "", status, component, correlation_id, query_id)


def in_utc(moment: dt.datetime | None) -> dt.datetime | None:
    """The moment, in UTC where it names no zone."""
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


@router.get("/audit-log", response_model=AuditPage, responses=told(400, 401, 403, 422, 503))
async def audit_log(
    person: CallerDep, work: WorkDep, asked: Annotated[AuditFilter, Depends(wanted)], limit: Limit = 50, cursor: Cursor = ""
) -> Response:
    """Records of the audit trail, newest first. Reading them is recorded."""
    before = cursors.decode_number(cursor)
    found = await work(lambda: read(work.deps, person, asked, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda record: cursors.of_number(record.seq))
    return json_response({"items": [record_body(record) for record in shown], "next_cursor": following})
