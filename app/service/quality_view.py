"""What dbt last said of the data, as far as a person may know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.errors import Problem, UserError, did_you_mean
from app.govern.told import Sight, may_be_named, sees_all_rows, visible_name
from app.model.base import Node
from app.model.ontology import Ontology
from app.model.quality import NodeResult, ResultKind, ResultStatus
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.rights import require_asking


class QualityLine(Node, frozen=True, omit_defaults=False):
    """The newest result of a node on an engine. `on` names what it says something of, `on_failure` what a failure does to answers from there. How many rows
    failed, and dbt's message, are told to admins, and the time of the newest row to who sees all rows."""

    unique_id: str
    engine: str
    kind: ResultKind
    name: str
    on: tuple[str, ...]
    status: ResultStatus
    at: dt.datetime
    on_failure: str
    failures: int | None = None
    message: str = ""
    loaded_at: dt.datetime | None = None
    criteria: str = ""


_GRAVEST = (ResultStatus.ERROR, ResultStatus.FAIL, ResultStatus.WARN, ResultStatus.PASS)


def quality(deps: Deps, caller: Caller, *, engine: str = "", status: Sequence[ResultStatus] = ()) -> tuple[QualityLine, ...]:
    """The newest results, what did not pass first, of one engine or all; of these statuses where some are given. Of what the caller may not see nothing is told.

    Raises UserError DM7010 for who may not ask, DM3090 where there is no such engine.
    """
    require_asking(caller)
    held = deps.quality.held()
    in_use = sorted(deps.quality.targets)
    if engine and engine not in in_use:
        raise UserError(
            Problem("DM3090", f"there is no engine `{engine}`", hint=did_you_mean(engine, in_use) or f"engines in use: {', '.join(in_use)}")
        )
    served = deps.serving.view(caller.principal)
    sight = Sight(served.layer.ontology, served.visible, served.access)
    lines = [
        _line(name, result, sight)
        for name, results in held.by_engine.items()
        for result in results
        if (not engine or name == engine) and (not status or result.status in status) and may_be_named(result, sight)
    ]
    return tuple(sorted(lines, key=lambda line: (_GRAVEST.index(line.status), line.kind, line.name, line.engine)))


def _line(engine: str, result: NodeResult, sight: Sight) -> QualityLine:
    admin = sight.access.is_admin
    return QualityLine(
        result.unique_id,
        engine,
        result.kind,
        result.name,
        tuple(filter(None, (visible_name(one, sight) for one in result.tested))),
        result.status,
        result.at,
        _on_failure(result, sight.ontology),
        result.failures if admin else None,
        result.message if admin else "",
        result.loaded_at if sees_all_rows(result, sight) else None,
        result.criteria,
    )


def _on_failure(result: NodeResult, ontology: Ontology) -> str:
    models = (ontology.of_dbt(one) for one in result.tested)
    says = {model.on_failure or ontology.on_failure for model in models if model is not None}
    return "block" if "block" in says else "warn"
