"""Vanna's interface: what goes in by `train` comes out by `get_…`; all else is refused, and nothing is printed."""

from __future__ import annotations

import builtins

import pytest
from vanna.legacy.base.base import VannaBase

from app.adapters.embedders.wordllama import WordllamaEmbedder
from app.adapters.vanna.layer_vanna import LayerVanna
from app.adapters.vanna.refusing import KEPT, REFUSED
from app.adapters.vanna.retriever import VannaRetriever
from app.adapters.vectors.qdrant import QdrantVectors
from app.errors import UserError
from app.model.records import TrainingItem, TrainingKind

pytestmark = pytest.mark.filterwarnings("ignore:Local mode")

DDL = TrainingItem("1" * 64, TrainingKind.DDL, "create table orders (\n  amount numeric\n)", subject="orders")
REVENUE = TrainingItem("2" * 64, TrainingKind.DOCUMENTATION, "Metric revenue: the sum of amount", subject="metric.revenue")
TWIN = TrainingItem("3" * 64, TrainingKind.DOCUMENTATION, "Metric revenue: the sum of amount", subject="metric.turnover")
CHURN = TrainingItem("4" * 64, TrainingKind.DOCUMENTATION, "Metric churn: subscriptions that ended", subject="metric.churn")
PAIR = TrainingItem("5" * 64, TrainingKind.QUESTION_SQL, "SELECT SUM(amount) FROM orders", "What was the revenue?", "saved_query.revenue")
ITEMS = {item.id: item for item in (DDL, REVENUE, TWIN, CHURN, PAIR)}


@pytest.fixture
def retriever() -> VannaRetriever:
    found = VannaRetriever("p", WordllamaEmbedder(), QdrantVectors(":memory:"))
    found.learn(list(ITEMS.values()))
    return found


def all_shown(ids):
    return {one: ITEMS[one] for one in ids}


def test_what_goes_in_comes_out(retriever: VannaRetriever) -> None:
    vanna = retriever.vanna(all_shown, 2)
    assert isinstance(vanna, VannaBase)
    assert vanna.get_related_ddl("orders") == [DDL.content]
    assert vanna.get_related_documentation("sum of the amount of revenue") == [REVENUE.content, TWIN.content]
    assert vanna.get_related_documentation("which subscriptions ended")[0] == CHURN.content
    assert vanna.get_similar_question_sql("revenue?") == [{"question": PAIR.question, "sql": PAIR.content}]
    data = vanna.get_training_data()
    assert sorted(data["id"]) == sorted(ITEMS)
    assert set(data["training_data_type"]) == {"ddl", "documentation", "sql"}
    assert len(vanna.generate_embedding("x")) == 256
    assert vanna.remove_training_data(CHURN.id)
    assert not vanna.remove_training_data(CHURN.id)
    assert retriever.ids() == ITEMS.keys() - {CHURN.id}


def test_items_that_say_the_same_are_all_learnt(retriever: VannaRetriever) -> None:
    assert retriever.ids() == ITEMS.keys()
    found = retriever.recall("revenue", 10, all_shown)[TrainingKind.DOCUMENTATION]
    assert {item.id for item in found} == {REVENUE.id, TWIN.id, CHURN.id}


def test_only_what_is_shown_comes_out(retriever: VannaRetriever) -> None:
    vanna = retriever.vanna(lambda ids: {one: ITEMS[one] for one in ids if one == CHURN.id})
    assert vanna.get_related_documentation("revenue") == [CHURN.content]
    assert vanna.get_related_ddl("orders") == vanna.get_similar_question_sql("revenue") == []
    assert list(vanna.get_training_data()["id"]) == [CHURN.id]
    assert retriever.vanna().get_related_documentation("revenue") == []


def test_candidates_that_are_not_shown_do_not_crowd_out_those_that_are() -> None:
    many = {
        one: TrainingItem(one, TrainingKind.DOCUMENTATION, f"Metric revenue {one[:3]}") for one in (f"{n:032x}" * 2 for n in range(500))
    }
    last = TrainingItem("f" * 64, TrainingKind.DOCUMENTATION, "quite another thing")
    retriever = VannaRetriever("p", WordllamaEmbedder(), QdrantVectors(":memory:"))
    retriever.learn([*many.values(), last])
    asked: list[str] = []

    def shown(ids):
        asked.extend(ids)
        return {one: last for one in ids if one == last.id}

    assert retriever.recall("Metric revenue 7", 3, shown)[TrainingKind.DOCUMENTATION] == [last]
    assert len(asked) == len(set(asked)) == 501  # each candidate is looked at once


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_every_other_function_is_refused(retriever: VannaRetriever, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("code was executed")

    monkeypatch.setattr(builtins, "exec", never)
    vanna = retriever.vanna(all_shown)
    for arguments in ((), ("import os",), ("SELECT 1", "x", None)):
        with pytest.raises(UserError) as raised:
            getattr(vanna, name)(*arguments)
        assert raised.value.problem.code == "DM8054"
        assert name in raised.value.problem.message


def test_what_is_dangerous_is_among_what_is_refused() -> None:
    assert {
        "ask",
        "run_sql",
        "generate_sql",
        "get_plotly_figure",
        "generate_plotly_code",
        "connect_to_postgres",
        "submit_prompt",
    } <= REFUSED
    assert "visualize" not in dir(VannaBase)  # an argument of `ask`
    written = {name for name in vars(LayerVanna) if not name.startswith("_")}
    assert written >= KEPT  # nothing that is kept is Vanna's own


@pytest.mark.parametrize(
    "given",
    [
        {"ddl": "create table salaries (amount numeric)"},
        {"documentation": "Salaries are secret"},
        {"question": "q", "sql": "DROP TABLE orders"},
        {"question": PAIR.question},
        {"sql": PAIR.content},
        {"plan": object()},
        {},
    ],
)
def test_only_items_of_the_batch_are_learnt(retriever: VannaRetriever, given: dict[str, object]) -> None:
    vanna = retriever.vanna(all_shown)
    vanna.expect([DDL])
    with pytest.raises(UserError) as raised:
        vanna.train(**given)
    assert raised.value.problem.code == "DM8054"
    vanna.flush()
    assert retriever.ids() == ITEMS.keys()


def test_nothing_is_printed_and_nobody_is_called(no_network: None, capfd: pytest.CaptureFixture[str]) -> None:
    retriever = VannaRetriever("p", WordllamaEmbedder(), QdrantVectors(":memory:"))
    retriever.learn(list(ITEMS.values()))
    vanna = retriever.vanna(all_shown)
    vanna.log("a prompt", "SQL Prompt")
    assert vanna.get_related_ddl("orders")
    assert capfd.readouterr() == ("", "")
