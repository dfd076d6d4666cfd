"""`datamind training`: what is in the index of the published layer, and what a question finds."""

from __future__ import annotations

from tests.engines.cli.conftest import Cli


def test_items_are_listed_as_the_asker_may_see_them(cli: Cli) -> None:
    everything = cli("training", "list", "--json").json
    assert {one["item"]["kind"] for one in everything} == {"ddl", "documentation", "question_sql"}
    assert all(one["searched"] for one in everything)
    subjects = [one["item"]["subject"] for one in everything]
    assert len(subjects) == len(set(subjects))
    assert {"metric.revenue", "dim_products", "saved_query.subscription_movements"} <= set(subjects)
    shown = cli("training", "list")
    assert (shown.code, shown.err) == (0, "")
    assert "saved_query.subscription_movements" in shown.out
    analyst = {one["item"]["content"] for one in cli("training", "list", "--as", "analyst", "--attr", "region=DACH", "--json").json}
    assert len(analyst) == len(everything)
    assert analyst != {one["item"]["content"] for one in everything}  # values of filtered rows are data


def test_a_question_finds_what_helps(cli: Cli) -> None:
    found = cli("training", "search", "how many new subscriptions were there", "--limit", "2", "--json").json
    assert found["question_sql"][0]["subject"] == "saved_query.subscription_movements"
    assert [len(found[kind]) for kind in ("ddl", "documentation", "question_sql")] == [2, 2, 2]
    assert "metric.new_subscriptions" in cli("training", "search", "new subscriptions").out


def test_the_index_is_brought_in_step(cli: Cli) -> None:
    total = len(cli("training", "list", "--json").json)
    cli("training", "refresh")  # takes away what corrections of other tests left in the index of the whole run
    trained = cli("training", "refresh", "--json").json["training"]
    assert (trained["added"], trained["removed"]) == (0, 0)
    assert trained["kept"] >= total
    assert cli("training", "refresh", "--full", "--json").json["training"]["added"] == trained["kept"]
    assert "0 added, 0 removed" in cli("training", "refresh").err


def test_an_index_that_is_away_is_a_problem_of_the_search_alone(cli: Cli) -> None:
    away = {"DATAMIND_VECTOR_URL": "chroma+http://secret@127.0.0.1:1"}
    search = cli("training", "search", "revenue", **away)
    assert (search.code, search.out) == (1, "")
    assert "DM8051" in search.err
    listed = cli("training", "list", "--json", **away)
    assert listed.code == 0
    assert not any(one["searched"] for one in listed.json)
    refreshed = cli("training", "refresh", **away)
    assert refreshed.code == 0
    assert "DM8050" in refreshed.err
    assert "secret" not in search.err + listed.err + refreshed.err


def test_a_url_of_no_vector_store_is_refused(cli: Cli) -> None:
    for url in ("http://127.0.0.1:8000", "pinecone+http://x", "chroma+ftp://x", "chroma+http://", "qdrant+http://h:port", "secret"):
        ran = cli("training", "search", "revenue", DATAMIND_VECTOR_URL=url)
        assert ran.code == 1, url
        assert "DM8052" in ran.err
        assert "secret" not in ran.err.replace("`(no scheme)`", "")
