"""Through the whole pipeline, as every door enters it: what is wrong is told at its word, and what was left out with its cause."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from app.errors import UserError, Where
from app.model.ids import new_id
from app.model.ontology import LeftOut
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery
from app.service import semantic
from app.service.audit import Caller
from app.service.query import query
from app.service.request import QueryRequest
from app.service.serving import Serving
from tests.support.demo import Demo


def somebody(demo: Demo, role: Role) -> Caller:
    return Caller(Principal(new_id("usr"), "", role, demo.settings.project_id), "test", new_id("cor"))


@pytest.mark.parametrize(
    ("asked", "code", "place", "hint"),
    [
        (QueryRequest(("revenue",), where=("customer__country = Germany",)), "DM3002", "where[0]:1:21", "put text in quotes: `'Germany'`"),
        (QueryRequest(("revenue",), where=("revenue > 100",)), "DM3002", "where[0]:1:1", "`--having`"),
        (QueryRequest(("revenue",), where=("1 = 1", "metric_time >= 2026-02-03")), "DM3108", "where[1]:1:16", "'2026-02-03'"),
        (QueryRequest(("revenue",), having="revenue > 'much'"), "DM3109", "having:1:11", ""),
        (QueryRequest(("revenue",), order=("revenue desc",)), "DM3110", "order_by[0]:1:9", "write `-revenue`"),
        (QueryRequest(("revenue",), ("metric_time__decade",)), "DM3006", "group_by[0]", "grains are"),
    ],
)
def test_the_place_and_the_hint(demo: Demo, asked: QueryRequest, code: str, place: str, hint: str) -> None:
    with pytest.raises(UserError) as refused:
        query(demo.deps, somebody(demo, Role.ADMIN), asked)
    problem = refused.value.problem
    assert (problem.code, str(problem.where)) == (code, place)
    assert hint in problem.hint


def test_what_was_left_out(demo: Demo) -> None:
    layer = msgspec.structs.replace(demo.deps.serving.layer(), left_out=(LeftOut("growth", "DM2406", Where("models/m.yml", 4, 13)),))
    deps = replace(demo.deps, serving=Serving(lambda held: None if held else ("one", layer), poll_seconds=60))
    said = "it was left out because of DM2406 at models/m.yml:4:13"
    for asked in (QueryRequest(("growth",)), SemanticQuery(("growth",))):
        for role, told in ((Role.ADMIN, True), (Role.ANALYST, True)):
            with pytest.raises(UserError) as refused:
                query(deps, somebody(demo, role), asked)
            assert (said in refused.value.problem.message) is told
            assert str(refused.value.problem.where) == "metrics[0]"
    for role in Role:
        with pytest.raises(UserError) as refused:
            semantic.metric(deps, somebody(demo, role), "growth")
        assert (said in refused.value.problem.message) is (role is not Role.VIEWER)
