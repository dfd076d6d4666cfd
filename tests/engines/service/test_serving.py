"""What each person is served: one layer a turn, the views of their rights, and no word of what is hidden from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from app.adapters.store.database import Database
from app.adapters.store.layers import StoredLayers
from app.errors import DataMindError, UserError
from app.model.answer import Outcome
from app.model.ontology import Layer
from app.model.principal import Role
from app.service import semantic
from app.service.ask import ask
from app.service.query import query
from app.service.request import QueryRequest, semantic_query
from app.service.serving import Serving
from app.service.values import dimension_values, indexable
from app.wiring.layers import published
from tests.support.demo import Demo


@pytest.fixture
def owner(demo: Demo) -> Iterator[psycopg.Connection]:
    with psycopg.connect(demo.servers.owners["postgres"]) as connection:
        yield connection


def seen(demo: Demo, role: Role, **attributes: str) -> dict[str, tuple[str, ...]]:
    """The values that such a person may name, by dimension."""
    caller = demo.caller(role, **attributes)
    served = demo.deps.serving.view(caller.principal)
    moment = demo.deps.calendar.moment(demo.deps.clock)
    return dict(dimension_values(demo.deps.stage, served, caller.principal, moment))


def test_values_are_those_of_the_askers_own_rows(demo: Demo, owner: psycopg.Connection) -> None:
    everywhere = {row[0] for row in owner.execute("SELECT DISTINCT country FROM marts.dim_customers")}
    in_dach = {row[0] for row in owner.execute("SELECT DISTINCT country FROM marts.dim_customers WHERE region = 'DACH'")}
    assert in_dach < everywhere
    assert set(seen(demo, Role.ADMIN)["customer__country"]) == everywhere
    analyst = seen(demo, Role.ANALYST, region="DACH")
    assert set(analyst["customer__country"]) == in_dach
    assert set(analyst["customer__region"]) == {"DACH"}
    hidden = everywhere - in_dach
    assert hidden
    assert not hidden & set(analyst["customer__country"])
    only_customers = {row[0] for row in owner.execute("SELECT DISTINCT city FROM marts.dim_customers WHERE region <> 'DACH'")}
    only_customers -= {row[0] for row in owner.execute("SELECT DISTINCT store_city FROM marts.dim_stores")}
    assert "A Coruña" in only_customers
    assert not only_customers & {value for values in analyst.values() for value in values}
    assert "customer__country" not in seen(demo, Role.ANALYST)


def test_no_personal_value_is_ever_indexed(demo: Demo, owner: psycopg.Connection) -> None:
    """Admins see these columns as they are; their values are no vocabulary all the same."""
    personal: set[str] = set()
    for column in ("full_name", "email", "phone", "national_id"):
        personal |= {row[0] for row in owner.execute(f"SELECT DISTINCT {column} FROM marts.dim_customers") if row[0]}
    assert len(personal) > 100
    for role in (Role.ADMIN, Role.ANALYST):
        index = seen(demo, role, region="DACH")
        assert index
        assert not personal & {value for values in index.values() for value in values}


def test_no_masked_dimension_is_asked_for_its_values(demo: Demo) -> None:
    for role in Role:
        served = demo.deps.serving.view(demo.caller(role, region="DACH").principal)
        guarded = {
            f"{model.primary}__{dimension.name}"
            for model in served.visible.semantic_models
            for dimension in model.dimensions
            if dimension.pii or getattr(dimension.expr, "name", "") in served.access.of(model.model).masks
        }
        assert not guarded & {name for name, _ in indexable(served)}


def test_a_hidden_value_is_unknown_in_a_question(demo: Demo) -> None:
    question = "revenue for customers in Antwerpen in 2025"
    assert ask(demo.deps, demo.caller(), question).answer.outcome is Outcome.ANSWER
    hidden = ask(demo.deps, demo.caller(Role.ANALYST, region="DACH"), question).answer
    unheard = ask(demo.deps, demo.caller(Role.ANALYST, region="DACH"), question.replace("Antwerpen", "Antwurpen")).answer
    assert hidden.outcome is not Outcome.ANSWER
    assert (hidden.outcome, hidden.text.replace("Antwerpen", "X")) == (
        unheard.outcome,
        unheard.text.replace("Antwurpen", "X"),
    )


def test_views_are_shared_by_equal_rights_only(demo: Demo) -> None:
    view = demo.deps.serving.view
    one, other = demo.caller(Role.ANALYST, region="DACH"), demo.caller(Role.ANALYST, region="DACH")
    assert view(one.principal) is view(other.principal)
    assert view(one.principal) is not view(demo.caller(Role.ANALYST, region="Iberia").principal)
    assert view(one.principal) is not view(demo.caller().principal)


def test_a_denied_column_is_nowhere_in_a_view(demo: Demo) -> None:
    analyst = demo.deps.serving.view(demo.caller(Role.ANALYST, region="DACH").principal).visible
    admin = demo.deps.serving.view(demo.caller().principal).visible
    assert admin.model("dim_customers").column("national_id")
    assert analyst.model("dim_customers").column("email")
    assert analyst.model("dim_customers").column("national_id") is None


def test_rows_of_other_regions_are_not_counted(demo: Demo, owner: psycopg.Connection) -> None:
    caller = demo.caller(Role.ANALYST, region="DACH")
    served = demo.deps.serving.view(caller.principal)
    asked = semantic_query(QueryRequest(("signups",)), served.visible, served.joins)
    (expected,) = owner.execute("SELECT count(*) FROM marts.dim_customers WHERE region = 'DACH'").fetchone()
    (everybody,) = owner.execute("SELECT count(*) FROM marts.dim_customers").fetchone()
    assert expected < everybody
    for source in ("postgres", "clickhouse"):
        answer = query(demo.deps, caller, asked, source=source).answer
        assert answer.result.data[0] == (expected,)
        assert answer.policies_applied
        assert answer.governed_sql == ""
        assert "DACH" not in answer.canonical().decode().replace(answer.restated, "") or "DACH" in answer.restated


def test_a_layer_is_served_on_while_the_store_is_away(demo: Demo) -> None:
    """The store's own adapter on a port where nothing listens, after one good answer."""
    good, lost = demo.deps.layers, Database("postgresql://nobody@127.0.0.1:1/nothing")
    away = published(StoredLayers(lost), demo.settings.project_id)
    here = published(good, demo.settings.project_id)
    answers = [here, away, here]

    def current(held: str) -> tuple[str, Layer] | None:
        return answers.pop(0)(held)

    serving = Serving(current, poll_seconds=0.0)
    version = serving.layer().version
    assert serving.layer().version == version
    assert serving.stale_reason
    assert serving.layer().version == version
    assert serving.stale_reason == ""
    lost.close()


def test_a_store_that_was_never_reached_is_named_each_time(demo: Demo) -> None:
    lost = Database("postgresql://nobody@127.0.0.1:1/nothing")
    serving = Serving(published(StoredLayers(lost), demo.settings.project_id), poll_seconds=60.0)
    for _ in range(2):
        with pytest.raises(DataMindError) as raised:
            serving.layer()
        assert raised.value.problem.code == "DM8011"
    lost.close()


def test_a_project_that_was_never_published_says_so(demo: Demo) -> None:
    deps = replace(demo.deps, serving=Serving(published(demo.deps.layers, "nobodys"), poll_seconds=0.0))
    with pytest.raises(UserError) as raised:
        ask(deps, demo.caller(), "revenue")
    assert raised.value.problem.code == "DM8001"


def test_the_catalogue_is_cut_to_what_a_person_may_see(demo: Demo) -> None:
    admin, analyst = demo.caller(), demo.caller(Role.ANALYST, region="DACH")
    assert {card.name for card in semantic.metrics(demo.deps, analyst)} <= {card.name for card in semantic.metrics(demo.deps, admin)}
    card = semantic.metric(demo.deps, analyst, "refund_rate")
    assert card.definition.formula
    assert "customer__country" in card.dimensions
    shared = {d.name for d in semantic.dimensions(demo.deps, analyst, of=["revenue", "orders"])}
    assert "customer__country" in shared
    assert shared < {d.name for d in semantic.dimensions(demo.deps, analyst)}
    assert semantic.dimension(demo.deps, analyst, "customer__country").model == "dim_customers"
    held = dict(semantic.entity(demo.deps, analyst, "customer").held_by)
    assert held["customers"] == "primary"
    assert "customer" in {e.name for e in semantic.entities(demo.deps, analyst)}
    assert "customers" in {m.name for m in semantic.semantic_models(demo.deps, analyst)}
    terms = {term.term.lower() for term in semantic.glossary(demo.deps, analyst)}
    assert "revenue" in terms
    reading = semantic.read_words(demo.deps, analyst, "orders by month in 2026")
    assert reading.query.metrics == ("orders",)


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (lambda deps, caller: semantic.metric(deps, caller, "revenu"), "DM3001"),
        (lambda deps, caller: semantic.dimensions(deps, caller, of=["revenu"]), "DM3001"),
        (lambda deps, caller: semantic.dimension(deps, caller, "customer__contry"), "DM3002"),
        (lambda deps, caller: semantic.entity(deps, caller, "custmer"), "DM3003"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(demo: Demo, read, code: str) -> None:
    with pytest.raises(UserError) as raised:
        read(demo.deps, demo.caller())
    assert raised.value.problem.code == code
    assert raised.value.problem.hint.startswith("did you mean")


def test_reading_values_is_recorded_before_and_after(demo: Demo) -> None:
    caller = demo.caller(Role.ANALYST, region="Nordics")
    serving = demo.deps.serving  # over the same layer, but without the views that other tests had made
    serving.over(serving.layer(), with_values=True).view(caller.principal)
    with psycopg.connect(demo.servers.store) as connection:
        found = connection.execute(
            "SELECT status, details FROM audit.audit_log WHERE event_type = 'values.index' AND user_id = %s ORDER BY seq DESC LIMIT 2",
            [caller.principal.user_id],
        ).fetchall()
    assert [status for status, _details in found] == ["succeeded", "begin"]
    assert "customer__country" in str(found[0][1])
    assert "Sweden" not in str(found)
