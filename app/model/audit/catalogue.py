"""The catalogue of events: what is recorded, when, with which outcomes and which details. docs/audit.md lists it; a test holds the page against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    """What happened."""

    QUERY_GENERATE = "query.generate"
    QUERY_EXECUTE = "query.execute"
    QUERY_EXPORT = "query.export"
    QUERY_READ = "query.read"
    VALUES_INDEX = "values.index"
    FEEDBACK_FLAG = "feedback.flag"
    FEEDBACK_READ = "feedback.read"
    FEEDBACK_APPROVE = "feedback.approve"
    FEEDBACK_REJECT = "feedback.reject"
    FEEDBACK_REPLAY = "feedback.replay"
    FEEDBACK_ACCEPT = "feedback.accept"
    FEEDBACK_WITHDRAW = "feedback.withdraw"
    MODEL_REPLAY = "model.replay"
    MODEL_ACCEPT = "model.accept"
    MODEL_REJECT = "model.reject"
    SHARE_CREATE = "share.create"
    SHARE_OPEN = "share.open"
    SHARE_REVOKE = "share.revoke"
    TRAINING_CHANGE = "training.change"
    LAYER_SYNC = "layer.sync"
    LAYER_PUBLISH = "layer.publish"
    LAYER_REJECT = "layer.reject"
    CONFIGURATION_START = "configuration.start"
    AUTH_LOGIN = "auth.login"
    AUTH_REFRESH = "auth.refresh"
    AUTH_REFRESH_REUSE = "auth.refresh_reuse"
    AUTH_LOGOUT = "auth.logout"
    ACCESS_REFUSE = "access.refuse"
    USER_CREATE = "user.create"
    USER_CHANGE = "user.change"
    USER_EXPORT = "user.export"
    USER_FORGET = "user.forget"
    POLICY_CREATE = "policy.create"
    POLICY_UPDATE = "policy.update"
    POLICY_DELETE = "policy.delete"
    JOB_REQUEST = "job.request"
    JOB_REPLAY = "job.replay"
    DBT_RUN = "dbt.run"
    WEBHOOK = "webhook"
    AUDIT_READ = "audit.read"


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event of a type says: when it is written, the statuses that it may have, and the names that its details may have. Every other detail is
    refused, so that nothing gets into the trail by being handed on."""

    when: str
    statuses: tuple[str, ...]
    details: tuple[str, ...] = ()


_DONE = ("begin", "succeeded", "failed")
_POLICY = ("target", "door", "name", "effect", "enabled", "revision", "problem")
_CORRECTION = ("feedback_id", "correction_id", "query_id", "door", "of", "problem")
_MODEL = ("provider", "model", "address", "state", "problem")
_SHARE = ("share", "query_id", "door", "of", "problem")
_TURN = ("query_id", "door", "engine", "models", "rows", "sql", "problem", "drafter")

CATALOGUE: Mapping[EventType, Kind] = {
    EventType.QUERY_GENERATE: Kind(
        "a question or query became SQL that was not run, or came to nothing before it could",
        ("generated", "clarify", "refused", "failed", "succeeded"),
        _TURN,
    ),
    EventType.QUERY_EXECUTE: Kind("data is about to be read, and was", ("begin", "succeeded", "failed"), _TURN),
    EventType.QUERY_EXPORT: Kind(
        "rows of an answer are about to be written into a file", _DONE, ("query_id", "door", "format", "rows", "columns", "problem")
    ),
    EventType.QUERY_READ: Kind("the record of another person's turn is read", _DONE, ("query_id", "door", "of", "problem")),
    EventType.VALUES_INDEX: Kind("values of dimensions are read, so that questions may name them", ("begin", "succeeded"), ("dimensions",)),
    EventType.FEEDBACK_FLAG: Kind("somebody says something of an answer", _DONE, ("feedback_id", "query_id", "problem")),
    EventType.FEEDBACK_READ: Kind("an admin reads what people said of answers, with their questions", _DONE, ("tag", "door", "problem")),
    EventType.FEEDBACK_APPROVE: Kind("an admin corrects an answer", _DONE, _CORRECTION),
    EventType.FEEDBACK_REJECT: Kind("an admin says no to what was said of an answer", _DONE, (*_CORRECTION, "reason")),
    EventType.FEEDBACK_REPLAY: Kind(
        "the approved questions are replayed", _DONE, ("correction_id", "replayed", "skipped", "differing", "state", "problem")
    ),
    EventType.FEEDBACK_ACCEPT: Kind(
        "an admin lets a correction stand that changes approved answers", _DONE, (*_CORRECTION, "reason", "superseded")
    ),
    EventType.FEEDBACK_WITHDRAW: Kind("an admin takes a correction back", _DONE, (*_CORRECTION, "reason")),
    EventType.MODEL_REPLAY: Kind(
        "a language model is asked the approved questions, before it may draft",
        _DONE,
        (*_MODEL, "approved", "same", "other", "none", "unasked", "skipped", "calls", "tokens_in", "tokens_out"),
    ),
    EventType.MODEL_ACCEPT: Kind(
        "an admin lets a language model draft that reads approved questions otherwise", _DONE, (*_MODEL, "door", "reason")
    ),
    EventType.MODEL_REJECT: Kind("an admin shuts a language model out", _DONE, (*_MODEL, "door", "reason")),
    EventType.SHARE_CREATE: Kind("an answer is shared by a link", _DONE, _SHARE),
    EventType.SHARE_OPEN: Kind("somebody opens a shared answer, which is asked anew as that person", _DONE, _SHARE),
    EventType.SHARE_REVOKE: Kind("a link to an answer is taken away", _DONE, _SHARE),
    EventType.TRAINING_CHANGE: Kind(
        "training items of a layer are stored and learnt", _DONE, ("full", "items", "added", "removed", "kept", "problem")
    ),
    EventType.LAYER_SYNC: Kind(
        "the project is compiled, to be published where it changed",
        ("begin", "succeeded", "refused", "failed"),
        ("dry_run", "force", "reason", "published", "number", "problem"),
    ),
    EventType.LAYER_PUBLISH: Kind(
        "a layer becomes the served one", ("begin", "published"), ("origin", "number", "reason", "candidate", "accept_looser")
    ),
    EventType.LAYER_REJECT: Kind("an admin says no to a candidate", ("begin", "rejected"), ("candidate", "reason")),
    EventType.CONFIGURATION_START: Kind(
        "a gateway starts, with these settings set by its operator", ("succeeded",), ("settings", "version")
    ),
    EventType.AUTH_LOGIN: Kind("somebody signs in, or tries to", ("succeeded", "failed"), ("reason",)),
    EventType.AUTH_REFRESH: Kind("a sign-in goes on", ("succeeded",)),
    EventType.AUTH_REFRESH_REUSE: Kind("a used refresh token comes back, so its sign-in is ended", ("refused",), ("family",)),
    EventType.AUTH_LOGOUT: Kind("somebody signs out", ("succeeded",)),
    EventType.ACCESS_REFUSE: Kind(
        "a request is refused for who makes it: no good token (401), or not the right (403)",
        ("refused",),
        ("problem", "method", "route", "door", "times"),
    ),
    EventType.USER_CREATE: Kind("a user is made", _DONE, ("target", "door", "role", "problem")),
    EventType.USER_CHANGE: Kind("a user is changed or disabled", _DONE, ("target", "door", "fields", "problem")),
    EventType.USER_EXPORT: Kind("all that is kept of a person is given out", _DONE, ("target", "door", "problem")),
    EventType.USER_FORGET: Kind(
        "what a person said is removed: conversations, choices, links, the words of the query log and of feedback",
        _DONE,
        ("target", "door", "problem"),
    ),
    EventType.POLICY_CREATE: Kind("a policy of the store is written", _DONE, _POLICY),
    EventType.POLICY_UPDATE: Kind("a policy of the store is changed", _DONE, _POLICY),
    EventType.POLICY_DELETE: Kind("a policy of the store is taken away", _DONE, _POLICY),
    EventType.JOB_REQUEST: Kind("somebody asks for background work", _DONE, ("kind", "reason", "problem")),
    EventType.JOB_REPLAY: Kind("somebody gives a dead job its tries again", _DONE, ("job", "kind", "problem")),
    EventType.DBT_RUN: Kind(
        "dbt runs on a target",
        ("begin", "succeeded", "failed", "broken", "cancelled"),
        ("run_id", "command", "target", "selection", "problem"),
    ),
    EventType.WEBHOOK: Kind("another service tells that the repository changed", ("begin", "refused"), ("problem", "times")),
    EventType.AUDIT_READ: Kind("somebody reads the audit trail", _DONE, ("filters", "rows", "door", "problem")),
}
