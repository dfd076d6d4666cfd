"""A value that not everybody may see, in an approved query: who may not see it is answered as if there were no pair, and nowhere reads it. Over HTTP, real policies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace as changed

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel
from app.model.corrections import CorrectionState
from app.model.model_gates import GateState
from app.model.principal import Role
from app.pipeline.known_values import knows
from app.service import jobs
from app.service.deps import DraftingOptions
from app.service.known_values import told_to_all
from app.service.replay import replay
from app.service.replay import served as answering
from app.service.replay_job import ask_for_what_lacks
from app.service.request import QueryRequest, semantic_query
from app.service.training import retrieve
from tests.engines.feedback.conftest import Person, flagged, person, replayed, served
from tests.engines.feedback.test_deciding import codes, without_policy
from tests.engines.feedback.test_models import HANDLERS, gate_of, job_of
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo, forget_corrections
from tests.support.scripted import Script, query


@pytest.fixture(scope="module")
def city(demo: Demo) -> tuple[str, str]:
    """A region that is not the asker's, and a city that is in that one alone."""
    with psycopg.connect(demo.servers.engines["postgres"]) as connection:
        found = connection.execute(
            "SELECT min(region), city FROM marts.dim_customers GROUP BY city"
            " HAVING count(DISTINCT region) = 1 AND min(region) <> 'DACH' ORDER BY count(*) DESC, city LIMIT 1"
        ).fetchone()
    assert found is not None
    return str(found[0]), str(found[1])


@pytest.fixture
def there(gateway: Gateway, city: tuple[str, str]) -> Person:
    """Somebody of that region."""
    return person(gateway, region=city[0])


@pytest.fixture
def bound(demo: Demo, gateway: Gateway, admin: Person) -> Iterator[Person]:
    """An admin whom a policy of the store binds to one country."""
    policy = {"name": "bound", "rows": "region = 'DACH'", "permissive": False, "models": ["dim_customers"], "groups": ["bound"]}
    created = admin.call("POST", "/data-control/policies", policy)
    assert created.status_code == 201, created.text
    demo.deps.serving.expire_policies()
    who, address = gateway.person(Role.ADMIN, groups=("bound",), attributes=(("region", "DACH"),))
    yield Person(gateway, who, str(gateway.login(address)["access_token"]))
    without_policy(demo, admin, "bound")


@pytest.fixture(autouse=True)
def unapproved(demo: Demo) -> Iterator[None]:
    """Every test approves its own questions."""
    forget_corrections(demo)
    yield
    forget_corrections(demo)


SQL_OF_CITY = "select count(*) as n from marts.dim_customers where city = '{}'"


def of_city(name: str) -> dict[str, object]:
    return {"metrics": ["orders"], "where": [f"customer__city = '{name}'"]}


def test_who_may_not_see_a_value_is_answered_as_if_there_were_no_pair(
    demo: Demo, there: Person, asker: Person, admin: Person, city: tuple[str, str]
) -> None:
    question = "the capital board"
    made = served(demo, there, admin, question, **of_city(city[1]))
    assert made["state"] == "served", made
    demo.deps.corrections.held.expire()
    answer = there.ask(question)
    assert "DM6070" in codes(answer)
    assert city[1] in answer["restated"]
    assert "DM6070" in codes(admin.ask(question))
    told = asker.call("POST", "/ask", {"question": question})
    assert "DM6070" not in codes(told.json())
    assert city[1] not in told.text
    views = {who: demo.deps.serving.view(demo.caller(Role.ANALYST, region=who).principal) for who in ("DACH", city[0])}
    known = {
        who: any(item.question == question for item in retrieve(demo.deps, view, question).question_sql) for who, view in views.items()
    }
    assert known == {"DACH": False, city[0]: True}
    said = f"the capital board of {city[1]}"
    assert served(demo, there, admin, said, **of_city(city[1]))["state"] == "served"
    demo.deps.corrections.held.expire()
    assert "DM6070" in codes(asker.ask(said)), "who says the value is told nothing by it"


def test_what_who_asked_may_not_see_is_no_answer_for_them(asker: Person, admin: Person, city: tuple[str, str]) -> None:
    told = admin.approve(flagged(asker, "the far board"), "the far board", **of_city(city[1]))
    body = problem(told, 422, "DM6075")
    assert len(body["problems"]) > 1  # type: ignore[arg-type]


def test_a_value_under_a_mask_is_for_those_without_it(
    demo: Demo, gateway: Gateway, there: Person, admin: Person, city: tuple[str, str]
) -> None:
    boss = person(gateway, "admin")
    made = served(demo, boss, admin, "the best board", **of_city(city[1]))
    assert made["state"] == "served", made
    demo.deps.corrections.held.expire()
    assert "DM6070" in codes(there.ask("the best board"))
    mask = {"name": "no_city", "mask": {"kind": "null"}, "columns": ["dim_customers.city"], "groups": ["unseeing"]}
    created = admin.call("POST", "/data-control/policies", mask)
    assert created.status_code == 201, created.text
    demo.deps.serving.expire_policies()
    who, address = gateway.person(Role.ANALYST, groups=("unseeing",), attributes=(("region", city[0]),))
    told = Person(gateway, who, str(gateway.login(address)["access_token"])).call("POST", "/ask", {"question": "the best board"})
    assert "DM6070" in codes(boss.ask("the best board"))
    without_policy(demo, admin, "no_city")
    assert "DM6070" not in codes(told.json())
    assert city[1] not in told.text


def test_sql_with_such_a_value_is_served_to_nobody_who_may_not_see_it(
    demo: Demo, there: Person, asker: Person, admin: Person, city: tuple[str, str]
) -> None:
    question = "the capital board in rows"
    sql = f"select count(*) as n from marts.dim_customers where city = '{city[1]}'"
    body = {"flagged_entry_id": flagged(there, question), "question": question, "corrected_sql": sql, "source": "postgres"}
    made = admin.call("POST", "/admin/training-data/approve", body)
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    assert admin.correction(made.json()["id"])["state"] == "served"
    demo.deps.corrections.held.expire()
    assert "DM6079" in codes(there.ask(question))
    told = asker.call("POST", "/ask", {"question": question})
    assert "DM6070" not in codes(told.json())
    assert city[1] not in told.text
    refused = {**body, "flagged_entry_id": flagged(asker, "rows of the far board"), "question": "rows of the far board"}
    problem(admin.call("POST", "/admin/training-data/approve", refused), 422, "DM6075")


def test_an_admin_under_a_policy_is_shown_no_such_value(
    demo: Demo, there: Person, admin: Person, bound: Person, city: tuple[str, str], tmp_path: Path
) -> None:
    question = "the capital board"
    made = served(demo, there, admin, question, **of_city(city[1]))
    again = flagged(there, question)
    assert city[1] in admin.call("GET", "/admin/training-data/corrections").text
    assert admin.correction(made["id"])["withheld"] is False
    shown = bound.correction(made["id"])
    assert (shown["withheld"], shown["query"], shown["sql"]) == (True, None, "")
    for path in ("", "/corrections", "/replay"):
        told = bound.call("GET", f"/admin/training-data{path}", **({"limit": 200} if path != "/replay" else {}))
        assert told.status_code == 200, told.text
        assert city[1] not in told.text, path
    problem(bound.call("GET", f"/admin/training-data/{made['id']}/patch"), 409, "DM6078")
    model = Drafter(ScriptedModel(Script(tmp_path).says(query(metrics=["orders"])).folder / "rules.json", model="leaky"))
    deps = dataclasses.replace(demo.deps, model=model, drafting=DraftingOptions(1.0))
    ask_for_what_lacks(deps)
    job = job_of(deps, gate_of(deps, "leaky"))
    assert jobs.run(deps, job.id, HANDLERS) == "succeeded"
    assert gate_of(deps, "leaky").state is GateState.HELD
    with serving(deps) as other:
        for who, seen in ((admin, True), (bound, False)):
            told = Person(other, who.id, who.token).call("GET", "/models")
            assert (city[1] in told.text) == seen, told.text
    for one in deps.jobs.page(deps.project_id, ("succeeded",), "", 200):
        assert city[1] not in one.result
    assert again


def test_an_admin_under_a_policy_learns_no_value_by_trying(there: Person, bound: Person, admin: Person, city: tuple[str, str]) -> None:
    """What they may not know is refused in the same words, whether the asker knows it, or nobody does."""
    told = []
    for at, name in enumerate((city[1], "Nowhere-on-Sea")):
        entry = flagged(there, f"the capital board {at}")
        for body in ({"corrected_query": of_city(name)}, {"corrected_sql": SQL_OF_CITY.format(name), "source": "postgres"}):
            given = {"flagged_entry_id": entry, "question": "the capital board", **body}
            told.append(problem(bound.call("POST", "/admin/training-data/approve", given), 422, "DM6075")["problems"])
    assert all(one == told[0] for one in told)


def test_the_entry_of_an_answer_by_approved_sql_tells_an_admin_under_a_policy_no_value(
    demo: Demo, there: Person, admin: Person, bound: Person, city: tuple[str, str]
) -> None:
    question = "the capital board in lines"
    body = {"flagged_entry_id": flagged(there, question), "question": question, "corrected_sql": SQL_OF_CITY.format(city[1])}
    made = admin.call("POST", "/admin/training-data/approve", {**body, "source": "postgres"})
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    demo.deps.corrections.held.expire()
    answer = there.ask(question)
    assert "DM6079" in codes(answer)
    entry = there.flag(answer["query_id"])
    for who, seen in ((admin, True), (bound, False)):
        listed = who.call("GET", "/admin/training-data", tag="all", limit=200).json()["items"]
        (found,) = (one for one in listed if one["id"] == entry)
        assert (city[1] in found["sql"]) == seen


def test_a_layer_that_differs_tells_everybody_no_such_value(demo: Demo, there: Person, admin: Person, city: tuple[str, str]) -> None:
    made = served(demo, there, admin, "the capital board", **of_city(city[1]))
    plain = served(demo, there, admin, "the plain board", metrics=["orders"])
    found = [one for one in answering(demo.deps) if one.state is CorrectionState.SERVED]
    layer = demo.deps.serving.layer()
    kept = tuple(one for one in layer.ontology.metrics if one.name != "orders")
    without = changed(layer, ontology=changed(layer.ontology, metrics=kept))
    differing = replay(demo.deps, found, without).differing
    assert {one.correction_id for one in differing} == {made["id"], plain["id"]}
    told = {one.correction_id: one for one in told_to_all(demo.deps, differing)}
    assert city[1] not in str(told)
    assert told[plain["id"]].question == "the plain board"
    assert replay(demo.deps, found, layer).differing == (), "over a layer whose values nobody has read the same is answered"


CONDITIONS = (
    ("customer__city = 'Berlin'", True, "the index shows it"),
    ("customer__city in ('Berlin', '{city}')", False, "one that is not known is enough"),
    ("customer__city <> '{city}'", False, "what is left out is told as well"),
    ("customer__city like '{start}%'", False, "a pattern tells how it begins"),
    ("customer__city > '{city}'", False, "a bound of a text is one"),
    ("not (customer__city = 'Berlin' or customer__city = '{city}')", False, "however deep it stands"),
    ("order__customer__city = '{city}'", False, "whatever the way to it"),
    ("customer = 4711", False, "a key is a value"),
    ("customer__customer_segment in ('office', 'hospitality')", True, "a segment says them"),
    ("order__sales_channel = 'web'", True, "the project or the index does"),
)


@pytest.mark.parametrize(("condition", "known", "why"), CONDITIONS)
def test_which_values_are_known(demo: Demo, city: tuple[str, str], condition: str, known: bool, why: str) -> None:
    text = condition.format(city=city[1], start=city[1][:4])
    views = [demo.deps.serving.view(demo.caller(role, region="DACH").principal) for role in (Role.ANALYST, Role.ADMIN)]
    asked = [semantic_query(QueryRequest(metrics=("orders",), where=(text,)), view.visible, view.joins) for view in views]
    assert knows(asked[0], "", views[0]) == known, why
    assert knows(asked[0], f"the board of {city[1].upper()} {city[1][:4]} 4711", views[0]), "the question says them"
    assert knows(asked[1], "", views[1]), "nothing of this is hidden from admins"
