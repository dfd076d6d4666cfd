"""Doubts about an answer in words, naming nothing that the person may not know of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Problem, Severity, UserError
from app.govern.access import Access
from app.govern.standing import Doubt
from app.model.ontology import Ontology
from app.model.quality import NodeResult, ResultKind, ResultStatus

MOST = 10
"""Doubts that are told one by one; of more, how many they are."""

_CODES = {ResultKind.TEST: "DM8070", ResultKind.UNIT_TEST: "DM8070", ResultKind.SOURCE: "DM8071"}
_BUILT = "DM8072"
_OF_NAMES_ALONE = ("not_null", "unique", "relationships")
"""dbt's generic tests whose names are made of the names of tables and columns; `accepted_values` names the values too."""
_TESTED = {ResultStatus.WARN: "warned", ResultStatus.FAIL: "failed", ResultStatus.ERROR: "could not be run"}


@dataclass(frozen=True, slots=True)
class Sight:
    """What the person may know: the layer, what of it they see, and their rights."""

    ontology: Ontology
    visible: Ontology
    access: Access


def told(found: Sequence[Doubt], sight: Sight) -> tuple[Problem, ...]:
    """A warning for each failure and a note for what merely warns."""
    shown = tuple(dict.fromkeys(_problem(doubt.result, sight) for doubt in found[:MOST]))
    more = len(found) - MOST
    if more <= 0:
        return shown
    return (*shown, Problem("DM8070", f"{more} more tests, builds or sources that this stands on did not pass", Severity.WARNING))


def refused(found: Sequence[Doubt], engine: str, sound: Sequence[str], sight: Sight) -> UserError:
    """DM3098: why an answer is blocked on the engine. `sound` are the engines on which it is not."""
    reasons = [_sentence(doubt.result, sight) for doubt in found if doubt.blocks]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    hint = (
        f"{' and '.join(sound)} can be asked: --source {sound[0]}"
        if sound
        else "mend the data and run `dbt build`; then it is answered again"
    )
    return UserError(Problem("DM3098", f"this is not answered on {engine}: {reasons[0]}{more}", hint=hint))


def _problem(result: NodeResult, sight: Sight) -> Problem:
    severity = Severity.WARNING if result.status.is_failure else Severity.NOTE
    return Problem(_CODES.get(result.kind, _BUILT), _sentence(result, sight), severity)


def _sentence(result: NodeResult, sight: Sight) -> str:
    at = _time(result.at)
    if result.kind is ResultKind.SOURCE:
        return _of_source(result, at, sight)
    if result.kind in (ResultKind.TEST, ResultKind.UNIT_TEST):
        known = [name for name in (visible_name(one, sight) for one in result.tested) if name]
        tables = ", ".join(f"`{name}`" for name in known) if len(known) == len(result.tested) else "a table that this stands on"
        name = f"test `{result.name}`" if may_be_named(result, sight) else "a test"
        return f"{name} on {tables} {_TESTED[result.status]} at {at}"
    table = visible_name(result.unique_id, sight)
    return f"{f'`{table}`' if table else 'a table that this stands on'} could not be built at {at}: what is in it is from an earlier run"


def _of_source(result: NodeResult, at: str, sight: Sight) -> str:
    name = visible_name(result.unique_id, sight)
    source = f"the source `{name}`" if name else "a source that this stands on"
    if result.status is ResultStatus.ERROR:
        return f"how fresh {source} is could not be found out at {at}"
    age = "is stale" if result.status.is_failure else "is growing stale"
    newest = f": its newest row is of {_time(result.loaded_at)}" if result.loaded_at is not None and sees_all_rows(result, sight) else ""
    asked = f" ({result.criteria})" if result.criteria and name else ""
    return f"{source} {age}{newest}{asked}, checked at {at}"


def visible_name(unique_id: str, sight: Sight) -> str:
    """The layer's name of a node that the person may know of, else "": of one of which no row is theirs to see, only admins know, as in lineage."""
    if sight.access.is_admin:
        model = sight.ontology.of_dbt(unique_id)
    else:
        model = sight.visible.of_dbt(unique_id)
        model = None if model is not None and sight.access.of(model.name).closed else model
    return model.name if model is not None else ""


def may_be_named(result: NodeResult, sight: Sight) -> bool:
    """Whether the person may know all that a result's name can tell: the nodes that it reads, their columns, and of those whose rows are filtered no values,
    which the names of most tests may hold."""
    if sight.access.is_admin:
        return True
    names = [visible_name(one, sight) for one in {*result.tested, *result.reads}]
    if not names or not all(names):
        return False
    rights = [sight.access.of(name) for name in names]
    tells_values = result.kind in (ResultKind.TEST, ResultKind.UNIT_TEST) and result.generic not in _OF_NAMES_ALONE
    if tells_values and any(right.restricted for right in rights):
        return False
    hidden = {column.lower() for right in rights for column in (*right.denied, *right.masks)}
    return not any(column in result.name.lower() for column in hidden)


def sees_all_rows(result: NodeResult, sight: Sight) -> bool:
    """Whether no row of what it says something of is hidden from the person: the time of the newest is data."""
    names = [visible_name(one, sight) for one in result.tested]
    return sight.access.is_admin or all(name and sight.access.of(name).predicate is None for name in names)


def _time(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
