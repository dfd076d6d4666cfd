"""Webhooks: no token is asked for, the signature of the body is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from app.gateway.callers import OriginDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.gate import gate_of
from app.gateway.responses import json_response, told
from app.gateway.schemas.jobs import WebhookReply
from app.service.auth import Origin
from app.service.webhooks import Message, Sender, take

router = APIRouter(prefix=f"{PREFIX}/webhooks", tags=["jobs"])

Signature = Annotated[str, Header(max_length=200)]
_TOLD = told(400, 401, 403, 409, 413, 415, 503)


@router.post(
    "/github", response_model=WebhookReply, responses={**_TOLD, 202: {"model": WebhookReply, "description": "A sync is asked for."}}
)
async def github(
    request: Request, work: WorkDep, come: OriginDep, x_hub_signature_256: Signature = "", x_github_event: Signature = ""
) -> Response:
    """A push to the branch that is followed asks for a sync; other events call for nothing."""
    return await _taken(request, work, Sender.GITHUB, x_hub_signature_256, x_github_event, come)


@router.post(
    "/dbt-cloud", response_model=WebhookReply, responses={**_TOLD, 202: {"model": WebhookReply, "description": "A sync is asked for."}}
)
async def dbt_cloud(request: Request, work: WorkDep, come: OriginDep, authorization: Signature = "") -> Response:
    """A job's run that succeeded asks for a sync; other events call for nothing."""
    return await _taken(request, work, Sender.DBT_CLOUD, authorization, "", come)


async def _taken(request: Request, work: WorkDep, sender: Sender, signature: str, event: str, come: Origin) -> Response:
    message, gate = Message(sender, await request.body(), signature, event, come), gate_of(request)
    taken = await work(lambda: take(work.deps, gate.config.webhooks, message, gate.refusals))
    body = {"job_id": taken.job.id if taken.job is not None else None, "reason": taken.reason}
    return json_response(body, 202 if taken.job is not None else 200)
