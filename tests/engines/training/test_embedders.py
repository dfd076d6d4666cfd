"""The embedders: vectors from the packages' own files, alike for one text and for many, without the network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.adapters.embedders.e5 import E5Embedder
from app.adapters.embedders.wordllama import WordllamaEmbedder
from app.adapters.package import files_of
from app.errors import UserError
from app.ports import Embedder, Vector

EMBEDDERS = {"wordllama": WordllamaEmbedder, "wordllama, fewer dims": lambda: WordllamaEmbedder(64), "e5": E5Embedder}

TEXTS = (
    "Metric revenue (Revenue)\nWhat customers paid for orders, without tax.\nType: simple. Formula: sum(net_amount)",
    "Metric churn_rate (Churn)\nThe share of subscriptions that ended in the period.",
    "create table marts.dim_products (\n  product_id bigint not null,\n  category text  -- the shelf it stands on\n)",
    "Dimension customer__country (Country), categorical\nWhere the customer lives",
)
ASKED = {
    "how much money did we make from orders": 0,
    "how many subscribers left": 1,
    "product categories": 2,
    "in which country do customers live": 3,
}
ODD = ("", " ", "\x00", "\ud800", "🙂" * 50, "x" * 20_000, "Ünïcödé ẞ")


def cosine(one: Vector, other: Vector) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


@pytest.fixture(params=EMBEDDERS)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    make: Callable[[], Embedder] = EMBEDDERS[request.param]
    return make()


@pytest.mark.parametrize("name", ["wordllama", "e5"])
def test_a_question_finds_what_answers_it(name: str, no_network: None) -> None:
    embedder = EMBEDDERS[name]()
    made = embedder.embed(TEXTS)
    for question, best in ASKED.items():
        asked = embedder.embed_question(question)
        assert max(range(len(TEXTS)), key=lambda n: cosine(asked, made[n])) == best, question


def test_vectors_are_of_unit_length_and_finite(embedder: Embedder) -> None:
    made: Sequence[Vector] = [*embedder.embed([*TEXTS, *ODD]), *(embedder.embed_question(text) for text in ODD)]
    assert {len(vector) for vector in made} == {embedder.dims}
    assert [cosine(vector, vector) for vector in made] == pytest.approx([1.0] * len(made), abs=1e-3)


def test_many_at_once_are_as_one_by_one(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert embedder.embed([text])[0] == pytest.approx(vector, abs=1e-4)
    assert embedder.embed([]) == []


def test_threads_do_not_disturb_each_other(embedder: Embedder) -> None:
    alone = [embedder.embed_question(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_question, TEXTS * 16))
    assert together == alone * 16


def test_each_has_a_name_of_its_own() -> None:
    names = {make().name for make in EMBEDDERS.values()}
    assert len(names) == len(EMBEDDERS)


def test_a_package_that_is_not_there_is_named_with_its_extra() -> None:
    with pytest.raises(UserError) as raised:
        files_of("no_such_package", "e5")
    assert raised.value.problem.code == "DM8053"
    assert "datamind[e5]" in raised.value.problem.hint
