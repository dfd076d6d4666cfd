"""Answers as files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.files import FileResponse
from app.gateway.responses import told
from app.gateway.routes.query import QueryId
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.exports.export import export as service
from app.service.exports.formats import Exported, ExportFormat
from app.service.exports.recorded import GONE

router = APIRouter(prefix=PREFIX, tags=["query"])

Format = Annotated[ExportFormat, Query(description="csv, xlsx, json, png (the chart) or pdf (one page).")]
Bom = Annotated[bool, Query(description="Begin CSV with a byte order mark, by which Excel tells that it is UTF-8.")]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. `X-Rows` says how many rows it was made of, `X-Truncated: true` that there are more.",
        "content": {one.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for one in ExportFormat},
    }
}


@router.get("/query/{query_id}/export", response_class=StreamingResponse, responses={**_FILE, **told(401, 403, 404, 413, 422, 429, 503)})
async def export(query_id: QueryId, person: CallerDep, work: WorkDep, format: Format, bom: Bom = False) -> Response:  # noqa: A002
    """An answer that the caller got, as a file. It is asked anew as the caller, under the policies of now: rows are not kept. Viewers export what a link
    showed them. A text that a spreadsheet would take for a formula has an apostrophe before it in CSV."""
    made: list[Exported] = []

    def ask(cancel: Cancel) -> Turn:
        turn, file = service(work.deps, person, query_id, format, bom=bom, cancel=cancel)
        made.append(file)
        return turn

    try:
        await work.turn(DOOR, ask)
    except BaseException:
        if made:  # nobody takes it any more
            made[0].ended(GONE)
        raise
    return FileResponse(made[0])
