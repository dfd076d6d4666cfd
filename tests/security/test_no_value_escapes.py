"""No value that policy masks reaches a language model, a log, the query log, a shared cache, a value index or a suggestion: held with the demo's own people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest

from app.adapters.embedders.impersonal import ImpersonalEmbedder
from app.adapters.embedders.wordllama import WordllamaEmbedder
from app.adapters.vanna.retriever import VannaRetriever
from app.errors import DataMindError, UserError
from app.gateway.logs import configure
from app.model.principal import Role
from app.model.query import GroupBy, SemanticQuery
from app.ports import Vector
from app.service.ask import ask
from app.service.compile import training_of
from app.service.conversations import converse, put, rename
from app.service.query import query, query_record
from app.service.sharing import share
from app.service.sql import execute_sql
from app.service.values import dimension_values
from app.sql.expressions.parse import parse_where
from tests.support.demo import Demo

ENGINES = ("postgres", "clickhouse")
PERSONAL = ("full_name", "email", "phone", "national_id")


@pytest.fixture(scope="module")
def people(demo: Demo) -> tuple[str, ...]:
    """What the masked columns of dim_customers hold, in the table itself."""
    with psycopg.connect(demo.servers.engines["postgres"]) as connection:
        relation = next(p for p in demo.deps.serving.layer().placements if p.engine == "postgres").relation("dim_customers")
        assert relation is not None
        rows = connection.execute(f'SELECT {", ".join(PERSONAL)} FROM "{relation.schema}"."{relation.name}" LIMIT 400'.encode()).fetchall()
    found = tuple(str(value) for row in rows for value in row if value and len(str(value)) > 5)
    assert len(found) > 200
    return found


def leaks(text: str, people: Sequence[str]) -> list[str]:
    return [value for value in people if value.lower() in text.lower()]


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("engine", ENGINES)
def test_logs_of_failing_statements(demo: Demo, engine: str, people: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """An admin's statement fails on the very value, which both engines then quote."""
    configure("json")
    failed = 0
    for column in PERSONAL:
        for text in (
            f"SELECT CAST({column} AS date) FROM dim_customers",
            f"SELECT CAST(concat({column}, 'x') AS int) FROM dim_customers",
        ):
            with suppress(DataMindError):
                execute_sql(demo.deps, demo.caller(Role.ADMIN), text, source=engine)
                continue
            failed += 1
    said = capsys.readouterr().err
    assert failed >= 4
    assert said.count("statement_failed") >= 4
    assert not leaks(said, people)


def test_the_query_log_and_the_answer_to_a_question_about_a_person(demo: Demo, people: tuple[str, ...]) -> None:
    address = next(value for value in people if "@" in value)
    turn = ask(demo.deps, demo.caller(Role.ANALYST, region="DACH"), f"revenue of {address}")
    record = query_record(demo.deps, demo.caller(Role.ADMIN), turn.query_id)
    assert not leaks(repr(record), [address])
    assert "[EMAIL_MASKED]" in record.question
    assert turn.answer is not None
    assert not leaks(turn.answer.text + repr(turn.answer.problems) + repr(turn.answer.nearest), [address])
    with suppress(DataMindError):
        execute_sql(demo.deps, demo.caller(Role.ADMIN), f"SELECT count(*) FROM dim_customers WHERE email = '{address}'", source="postgres")
    with psycopg.connect(demo.servers.store) as connection:
        row = connection.execute("SELECT count(*) FROM jobs.queries q WHERE q::text ILIKE %s", [f"%{address}%"]).fetchone()
    assert row == (0,)


def test_conversations_and_links_about_a_person(demo: Demo, people: tuple[str, ...]) -> None:
    """What holds for the query log holds for what is kept to go on from, and to be shared."""
    caller = demo.caller(Role.ADMIN)
    address = next(value for value in people if "@" in value)
    said = converse(demo.deps, caller, f"revenue of {address}")
    asked = SemanticQuery(metrics=("revenue",), where=parse_where(f"customer__country = '{address}'"))
    put_in = put(demo.deps, caller, asked, conversation_id=said.conversation_id)
    rename(demo.deps, caller, said.conversation_id, f"about {address}")
    with pytest.raises(UserError) as caught:
        share(demo.deps, caller, put_in.turn.query_id)
    assert caught.value.problem.code == "DM6065"
    with psycopg.connect(demo.servers.store) as connection:
        tables = ("conversations", "turns", "choices", "shared")
        kept = str([connection.execute(f"SELECT * FROM conversation.{table}".encode()).fetchall() for table in tables])
    assert said.conversation_id in kept
    assert leaks(kept, people) == []


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMIN])
def test_value_index_and_words(demo: Demo, role: Role, people: tuple[str, ...]) -> None:
    """Not even an admin's index, whom no mask binds, holds personal values: it feeds suggestions."""
    caller = demo.caller(role, region="DACH")
    served = demo.deps.serving.view(caller.principal)
    moment = demo.deps.calendar.moment(demo.deps.clock)
    values = dimension_values(demo.deps.stage, served, caller.principal, moment)
    assert values
    assert not leaks(json.dumps(values), people)
    assert not leaks(repr(served.lexicon.phrases), people)
    for misspelt in ("revenue of Gracee", "revenue of Emil Weiskopf"):
        answer = ask(demo.deps, caller, misspelt).answer
        assert answer is not None
        assert not leaks(answer.text + repr(answer.problems) + repr(answer.choices), people)


def test_what_an_admin_sees_is_in_no_cache_that_an_analyst_shares(demo: Demo, people: tuple[str, ...]) -> None:
    asked = SemanticQuery(("revenue",), (GroupBy("customer__email"),), limit=50)
    admin, analyst = demo.caller(Role.ADMIN), demo.caller(Role.ANALYST, region="DACH")
    for engine in ENGINES:
        clear = query(demo.deps, admin, asked, source=engine).result
        assert clear is not None
        assert leaks(repr(clear.data), people)
        masked = query(demo.deps, analyst, asked, source=engine).result
        assert masked is not None
        assert not leaks(repr(masked.data), people)


class Spy:
    """An embedder that remembers what it was given."""

    def __init__(self) -> None:
        self.inner = WordllamaEmbedder()
        self.name, self.dims = self.inner.name, self.inner.dims
        self.given: list[str] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.given += texts
        return self.inner.embed(texts)

    def embed_question(self, text: str) -> Vector:
        self.given.append(text)
        return self.inner.embed_question(text)


def test_what_a_model_is_given(demo: Demo, people: tuple[str, ...]) -> None:
    retriever = demo.deps.retriever
    assert isinstance(retriever, VannaRetriever)
    assert isinstance(retriever._embedder, ImpersonalEmbedder)
    spy = Spy()
    index = VannaRetriever("spied", ImpersonalEmbedder(spy), retriever._vectors)
    address = next(value for value in people if "@" in value)
    items = training_of(demo.deps.serving.layer())
    index.learn(items)
    index.recall(f"orders of {address} and 4111 1111 1111 1111", 3, lambda _ids: {})
    index.forget([item.id for item in items])
    assert len(spy.given) > len(items) / 2
    assert spy.given[-1] == "orders of [EMAIL_MASKED] and [CARD_MASKED]"
    assert not leaks("\n".join(spy.given), people)


@pytest.mark.parametrize("engine", ENGINES)
def test_results_are_searched_where_that_is_set(demo: Demo, engine: str) -> None:
    text = "SELECT 'ana@example.com wrote' AS note, 4111111111111111 AS number"
    scanning = replace(demo.deps, stage=replace(demo.deps.stage, scan_results=True))
    analyst = demo.caller(Role.ANALYST, region="DACH")
    rows = [
        execute_sql(deps, who, text, source=engine).result
        for deps, who in ((scanning, analyst), (scanning, demo.caller(Role.ADMIN)), (demo.deps, analyst))
    ]
    assert [one and one.data for one in rows] == [
        (("[EMAIL_MASKED] wrote",), (4111111111111111,)),
        (("ana@example.com wrote",), (4111111111111111,)),
        (("ana@example.com wrote",), (4111111111111111,)),
    ]
