"""A query of an earlier turn that is asked again: for who opens a link to it, or has a file made of it."""

from __future__ import annotations

import msgspec

from app.errors import UserError
from app.language.why import asks_why
from app.model.query import SemanticQuery
from app.model.records import QueryRecord
from app.redaction.redact import is_redacted
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.on_paper import try_query
from app.service.request import written_out


def not_again(record: QueryRecord) -> tuple[str, str]:
    """Why the turn's answer can't be had again from what is kept of it, and what to do; ("", "") where it can."""
    if record.status != "succeeded" or not record.semantic_query:
        return "that turn has no answer that can be had again", "take the answer to a question or to a metric query"
    if asks_why(record.question) is not None:
        return "the parts of a change are not kept, and a number would stand alone", "take the question before it"
    if is_redacted(record.semantic_query):
        return "the question names personal data, which is not kept", "ask it without, and take that"
    return "", ""


def askable(deps: Deps, caller: Caller, semantic_query: str) -> SemanticQuery | None:
    """The query, where the caller may ask it of the layer as it is. It is tried on paper first: what is refused there is not written down as a question of
    theirs, and what is missing is not said, since its name may be hidden from them."""
    served = deps.serving.view(caller.principal)
    try:
        query = written_out(SemanticQuery.from_json(semantic_query), served.visible, served.joins)
        try_query(served, caller.principal, query)
    except (UserError, msgspec.ValidationError):
        return None
    return query
