"""Lineage names nothing that the asker may not know of: not in points, reasons, refusals or hints."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import FALSE
from app.model.lineage import Edge, Reason, Role, lineage_text
from app.model.ontology import Layer
from app.model.physical import Model
from app.model.policy import ColumnPolicy, RowPolicy
from app.model.principal import Principal
from app.model.principal import Role as Rights
from app.service import lineage
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.lineage_body import ImpactBody
from app.service.present import to_json
from app.service.serving import Serving
from tests.support.demo import Demo

CLOSED = "int_order_lines_netted"
DENIED = "unit_price"
UNLISTED = "unit_cost"
SECRET = "a_relation_that_nobody_may_know"


def guarded(layer: Layer) -> Layer:
    """The demo's layer with a model that analysts may not read, a column that is denied, one that only SQL tells of, and a reason that names things."""

    def changed(model: Model) -> Model:
        if model.name == CLOSED:
            return msgspec.structs.replace(model, row_policies=(RowPolicy("closed", CLOSED, FALSE, exempt_roles=("admin",)),))
        if model.name == "stg_order_lines":
            return msgspec.structs.replace(model, column_policies=(ColumnPolicy("priced", model.name, DENIED, roles=("analyst",)),))
        if model.name == "dim_products":
            kept = tuple(column for column in model.columns if column.name != UNLISTED)
            return msgspec.structs.replace(model, columns=kept)
        return model

    models = tuple(map(changed, layer.ontology.models))
    unknown = Edge(SECRET, SECRET, Role.VALUE, Reason.RELATION, f"`{SECRET}` is not of the project")
    found = tuple(
        msgspec.structs.replace(one, rows=(*one.rows, unknown), others=(unknown,)) if one.model.startswith(("fct_", "stg_")) else one
        for one in layer.lineages.values()
    )
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=models), lineage=lineage_text(found))


@pytest.fixture(scope="module")
def deps(demo: Demo) -> Deps:
    layer = guarded(demo.deps.serving.layer())
    assert layer.lineage

    def current(held: str) -> tuple[str, Layer] | None:
        return None if held else ("1", layer)

    return dataclasses.replace(demo.deps, serving=Serving(current, poll_seconds=3600))


def caller(demo: Demo, role: Rights) -> Caller:
    return Caller(Principal(f"usr_{role}", "", role, demo.settings.project_id, attributes=(("region", "DACH"),)), "test")


def answer(deps: Deps, caller: Caller, text: str) -> ImpactBody | UserError:
    """What the caller is told of a change, or the refusal."""
    try:
        return lineage.change(deps, caller, text)
    except UserError as error:
        return error


HIDDEN = (CLOSED, DENIED, SECRET, "shop.", "boxes.")
"""What an analyst must not read; the sources are closed to all but admins by the demo itself."""


def test_no_metrics_lineage_names_what_is_hidden(demo: Demo, deps: Deps) -> None:
    analyst, admin = caller(demo, Rights.ANALYST), caller(demo, Rights.ADMIN)
    metrics = deps.serving.view(analyst.principal).visible.metrics
    assert len(metrics) > 30
    hidden = seen = 0
    for metric in metrics:
        mine, whole = lineage.metric(deps, analyst, metric.name), lineage.metric(deps, admin, metric.name)
        text = to_json(mine).decode()
        assert not [name for name in HIDDEN if name in text], metric.name
        assert not any(point.detail for point in mine.points)
        assert not mine.complete
        hidden += mine.hidden
        seen += whole.hidden == 0 and any(point.owner.startswith(("shop.", "boxes.", "web.")) for point in whole.points)
        assert len(mine.points) < len(whole.points) or mine.hidden == 0
    assert hidden > 100
    assert seen == len(metrics)


def test_what_is_hidden_is_counted_and_nothing_below_it_is_shown(demo: Demo, deps: Deps) -> None:
    found = lineage.metric(deps, caller(demo, Rights.ANALYST), "revenue")
    (place,) = [point.id for point in found.points if point.kind == "hidden"]
    assert found.hidden >= 2
    assert not [link for link in found.links if link.start == place]
    assert not [point for point in found.points if point.owner == "stg_order_lines"], "it lies below the closed model alone"


def test_a_column_that_only_sql_tells_of_is_for_admins(demo: Demo, deps: Deps) -> None:
    with pytest.raises(UserError, match="DM3096"):
        lineage.change(deps, caller(demo, Rights.ANALYST), f"dim_products.{UNLISTED}")
    assert lineage.change(deps, caller(demo, Rights.ADMIN), f"dim_products.{UNLISTED}").changed == (f"column:dim_products.{UNLISTED}",)


def test_no_impact_names_what_is_hidden(demo: Demo, deps: Deps) -> None:
    analyst = caller(demo, Rights.ANALYST)
    visible = deps.serving.view(analyst.principal).visible
    texts = [f"{model.name}.{column.name}" for model in visible.models for column in model.columns]
    texts += [f"model:{model.name}" for model in visible.models] + [f"metric:{metric.name}" for metric in visible.metrics]
    answered = 0
    for text in texts:
        found = answer(deps, analyst, text)
        if isinstance(found, UserError):
            rest = str(found).replace(text, "")
            assert found.problem.code == "DM3096", text
            assert not [name for name in HIDDEN if name in rest], text
            continue
        answered += 1
        said = to_json(found).decode()
        assert not [name for name in HIDDEN if name in said], text
        assert not found.policies, "policies are told to admins"
    assert answered > 150


@pytest.mark.parametrize(
    "text", [CLOSED, f"model:{CLOSED}", f"{CLOSED}.net_amount", f"stg_order_lines.{DENIED}", "shop.orders", "shop.orders.status", "nothing"]
)
def test_what_is_hidden_is_as_if_it_were_not_there(demo: Demo, deps: Deps, text: str) -> None:
    with pytest.raises(UserError) as caught:
        lineage.change(deps, caller(demo, Rights.ANALYST), text)
    assert caught.value.problem.code == "DM3096"
    assert not [name for name in HIDDEN if name in str(caught.value).replace(text, "")]


@pytest.mark.parametrize("text", [CLOSED[:-1], f"stg_order_lines.{DENIED[:-1]}", "shop.orders.statu"])
def test_hints_name_nothing_that_is_hidden(demo: Demo, deps: Deps, text: str) -> None:
    with pytest.raises(UserError) as caught:
        lineage.change(deps, caller(demo, Rights.ANALYST), text)
    assert not [name for name in HIDDEN if name in str(caught.value).replace(text, "")]


def test_admins_are_told_policies_and_reasons(demo: Demo, deps: Deps) -> None:
    admin = caller(demo, Rights.ADMIN)
    touched = lineage.change(deps, admin, "fct_orders.region")
    assert [one.owner for one in touched.policies if one.kind == "row_policy"] == ["fct_orders"]
    assert SECRET in to_json(lineage.metric(deps, admin, "revenue")).decode()


def test_a_metric_that_is_not_visible_has_no_lineage(demo: Demo, deps: Deps) -> None:
    with pytest.raises(UserError, match="DM3001"):
        lineage.metric(deps, caller(demo, Rights.ANALYST), "no_such_metric")
