"""Asking each language model one tiny thing: whether key, model and form are right, what it takes, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.model.base import Node
from app.model.prompt import Message
from app.ports.language_models import LanguageModel, ModelUnavailable
from app.service.audit import Caller
from app.service.model_usage import ModelDeps
from app.service.rights import require_admin

PROMPT = (
    Message("system", "Answer with one JSON document that keeps to the schema, and with nothing else."),
    Message("user", "Set `ready` to true."),
)
SCHEMA = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"], "additionalProperties": False}


class Checked(Node, frozen=True, omit_defaults=False):
    """What came of asking a provider: `state` is ok, odd (JSON that does not keep to the schema) or wrong, with the Problem's code and words."""

    provider: str
    model: str
    state: str
    ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    code: str = ""
    detail: str = ""
    hint: str = ""


def check(deps: ModelDeps | None, caller: Caller) -> Sequence[Checked]:
    """Each provider by itself, in the order in which they are asked; accounted for as any call. Raises UserError DM7011 (no admin)."""
    require_admin(caller)
    watch = deps.watch if deps is not None else None
    return [_checked(model, caller.principal.user_id) for model in watch.each()] if watch is not None else []


def _checked(model: LanguageModel, who: str) -> Checked:
    try:
        reply = model.complete(PROMPT, SCHEMA, who)
    except ModelUnavailable as error:
        problem = error.problem
        return Checked(model.provider, model.model, "wrong", code=problem.code, detail=problem.message, hint=problem.hint)
    kept = msgspec.json.decode(reply.text) == {"ready": True}
    detail = "" if kept else "it does not keep to the schema that it is given: a stronger model drafts better"
    return Checked(
        reply.provider, reply.model, "ok" if kept else "odd", reply.ms, reply.tokens_in, reply.tokens_out, reply.cost, detail=detail
    )
