"""The models that an answer reads, with what dbt last said of them and of all that they are built from, as far as the person may know."""

from __future__ import annotations

from collections.abc import Iterable

from app.govern.standing import reached
from app.govern.told import Sight, may_be_named, sees_all_rows, visible_name
from app.language.naming import label_of
from app.model.answer import Source, Standing
from app.model.quality import NodeResult, ResultKind, ResultStatus
from app.pipeline.turn import StageDeps, Turn

_TESTS = (ResultKind.TEST, ResultKind.UNIT_TEST)
_GRAVEST = (
    (Standing.FAILED, (ResultStatus.FAIL, ResultStatus.ERROR)),
    (Standing.WARNED, (ResultStatus.WARN,)),
    (Standing.PASSED, (ResultStatus.PASS,)),
)


def sources(turn: Turn, deps: StageDeps) -> tuple[Source, ...]:
    """A Source for each model that the governed SQL reads and the person may know by name, in their order."""
    if turn.governed is None:
        return ()
    served = turn.served
    sight = Sight(served.layer.ontology, served.visible, served.access)
    results = deps.quality().by_node.get(turn.engine, {})
    found = []
    for name in dict.fromkeys(turn.governed.models):
        model = sight.ontology.model(name)
        if model is None or not visible_name(model.unique_id, sight):
            continue
        below = reached(sight.ontology, (name,), served.layer.placement(turn.engine))
        told = list({one.unique_id: one for unique_id in below for one in results.get(unique_id, ())}.values())
        tests = [one for one in told if one.kind in _TESTS]
        known = [one for one in tests if may_be_named(one, sight)]
        fresh = [one for one in told if one.kind is ResultKind.SOURCE]
        newest = [one.loaded_at for one in fresh if one.loaded_at is not None and sees_all_rows(one, sight)]
        found.append(
            Source(
                name,
                label_of(name, model.label),
                model.file,
                _standing(tests),
                sum(one.status is ResultStatus.PASS for one in known),
                sum(one.status.is_failure for one in known),
                _standing(fresh),
                min(newest) if newest and len(newest) == len(fresh) else None,
                next((one.at for one in told if one.unique_id == model.unique_id), None),
            )
        )
    return tuple(found)


def _standing(results: Iterable[NodeResult]) -> Standing:
    """The gravest of what was said."""
    said = {one.status for one in results}
    return next((standing for standing, statuses in _GRAVEST if said.intersection(statuses)), Standing.UNKNOWN)
