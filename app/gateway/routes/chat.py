"""Conversations: questions that go on from one another, and how a person chose where one was asked back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas import chat as schemas
from app.gateway.schemas.semantic_query import semantic_query_of
from app.ports import Cancel
from app.service import conversations as service
from app.service.audit import Caller
from app.service.conversations import Said
from app.service.deps import Deps

router = APIRouter(prefix=f"{PREFIX}/chat", tags=["chat"])

SessionPath = Annotated[str, Path(pattern=schemas.SESSION)]
SessionQuery = Annotated[str, Query(pattern=schemas.SESSION)]
ChoiceId = Annotated[str, Path(pattern=r"^cho_[0-9a-f]{32}$")]


@router.post("", response_model=schemas.ChatReply, responses=told(400, 401, 403, 404, 409, 415, 422, 503))
async def chat(body: schemas.ChatRequest, person: CallerDep, work: WorkDep) -> Response:
    """A question that may go on from the session's last answered one, or the option taken of one that came back → the whole answer. For analysts and
    admins."""
    said: list[Said] = []
    await work.turn(DOOR, lambda cancel: _said(said, work.deps, person, body, cancel).turn)
    return json_response(schemas.said_body(said[0], person.correlation_id))


@router.get("/sessions", response_model=schemas.SessionPage, responses=told(400, 401, 403, 422, 503))
async def sessions(person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The caller's own sessions, the newest first."""
    before = cursors.decode(cursor)
    found = await work(lambda: service.list_conversations(work.deps, person, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.id)
    return json_response({"items": [schemas.session_body(one) for one in shown], "next_cursor": following})


@router.get("/history", response_model=schemas.HistoryPage, responses=told(400, 401, 403, 404, 422, 503))
async def history(session_id: SessionQuery, person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The questions of the caller's own session, the newest first, with what came of them. Rows are not kept."""
    before = cursors.decode_number(cursor)
    found = await work(lambda: service.history(work.deps, person, session_id, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: cursors.of_number(one.number))
    return json_response({"items": [schemas.turn_body(one) for one in shown], "next_cursor": following})


@router.patch("/sessions/{session_id}", response_model=schemas.SessionReply, responses=told(400, 401, 403, 404, 415, 422, 503))
async def rename(session_id: SessionPath, body: schemas.RenameRequest, person: CallerDep, work: WorkDep) -> Response:
    """Call the caller's own session something else."""
    return json_response(schemas.session_body(await work(lambda: service.rename(work.deps, person, session_id, body.title))))


@router.delete("/sessions/{session_id}", status_code=204, responses=told(401, 403, 404, 422, 503))
async def forget(session_id: SessionPath, person: CallerDep, work: WorkDep) -> Response:
    """Forget the caller's own session with its questions. The query log keeps its own record of each."""
    await work(lambda: service.forget(work.deps, person, session_id))
    return Response(status_code=204)


@router.get("/choices", response_model=schemas.RememberedPage, responses=told(400, 401, 403, 422, 503))
async def choices(person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """How the caller chose where questions were asked back, the newest first: the same question is answered so again."""
    found = [schemas.choice_body(one) for one in await work(lambda: service.list_choices(work.deps, person))]
    return json_response(cursors.cut(found, limit, cursor, lambda one: str(one["id"])))


@router.delete("/choices", status_code=204, responses=told(401, 403, 503))
async def forget_choices(person: CallerDep, work: WorkDep) -> Response:
    """Forget all of the caller's choices."""
    await work(lambda: service.forget_choices(work.deps, person))
    return Response(status_code=204)


@router.delete("/choices/{choice_id}", status_code=204, responses=told(401, 403, 404, 422, 503))
async def forget_choice(choice_id: ChoiceId, person: CallerDep, work: WorkDep) -> Response:
    """Forget one of the caller's choices: the question is asked back again."""
    await work(lambda: service.forget_choice(work.deps, person, choice_id))
    return Response(status_code=204)


def _said(said: list[Said], deps: Deps, person: Caller, body: schemas.ChatRequest, cancel: Cancel) -> Said:
    """What comes of the body, kept in `said`: the work of a turn hands on the turn alone."""
    taken, session = body.choice, body.session_id or ""
    if taken is not None:
        one = service.choose(deps, person, session, taken.query_id, taken.index, source=body.source, cancel=cancel)
    elif body.semantic_query is not None:
        query = semantic_query_of(body.semantic_query, "semantic_query", "send an answer's `query` as it came")
        one = service.put(deps, person, query, conversation_id=session, source=body.source, cancel=cancel)
    else:
        question = body.question or ""
        one = service.converse(deps, person, question, conversation_id=session, anew=body.anew, source=body.source, cancel=cancel)
    said.append(one)
    return one
