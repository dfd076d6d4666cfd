"""When a layer is asked for, and which view of it is kept."""

from __future__ import annotations

import time

import pytest

from app.errors import Problem, UserError
from app.model.ontology import Layer, Ontology
from app.model.principal import Principal, Role
from app.pipeline.turn import ServedLayer
from app.service.serving import Serving
from tests.unit.language.layers import shop

ADMIN = Principal("usr_1", "", Role.ADMIN, "default")
ANALYST = Principal("usr_2", "", Role.ANALYST, "default")


class Store:
    """What is current, as a store would say it, and how often it was asked."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.asked = 0
        self.fail: Exception | None = None

    def __call__(self, held: str) -> tuple[str, Layer] | None:
        self.asked += 1
        if self.fail is not None:
            raise self.fail
        key = self.layer.fingerprint()
        return None if key == held else (key, self.layer)


def test_the_store_is_asked_once_a_poll_and_at_once_after_a_publication() -> None:
    store = Store(Layer(Ontology("one")))
    serving = Serving(store, poll_seconds=3600)
    first = serving.layer()
    store.layer = Layer(Ontology("two"))
    assert serving.layer() is first
    assert store.asked == 1
    serving.expire()
    assert serving.layer().ontology.project == "two"
    assert store.asked == 2


def test_a_view_outlives_the_layer_that_comes_after_it() -> None:
    store = Store(Layer(shop()))
    serving = Serving(store, poll_seconds=0)
    pinned = serving.view(ADMIN)
    store.layer = Layer(Ontology("two"))
    assert serving.view(ADMIN).layer.ontology.project == "two"
    assert pinned.layer.ontology == shop()


def test_views_are_built_once_for_equal_rights_and_dropped_with_their_layer() -> None:
    store = Store(Layer(shop()))
    built: list[str] = []

    def values(_served: object, principal: Principal) -> dict[str, tuple[str, ...]]:
        built.append(principal.user_id)
        return {}

    serving = Serving(store, poll_seconds=0, values=values)
    one = serving.view(ANALYST)
    assert serving.view(Principal("usr_3", "", Role.ANALYST, "default")) is one
    assert built == ["usr_2"]
    store.layer = Layer(shop(), problems=(Problem("DM2090", "another document of the same ontology"),))
    assert serving.view(ANALYST) is not one
    assert built == ["usr_2", "usr_2"]


def test_values_are_read_again_after_a_while_and_the_lexicon_knows_them() -> None:
    found = {"order__payment": ("card",)}
    reads: list[int] = []

    def values(_served: object, _principal: Principal) -> dict[str, tuple[str, ...]]:
        reads.append(1)
        return found

    serving = Serving(Store(Layer(shop())), poll_seconds=3600, values=values, values_seconds=0)
    first = serving.view(ADMIN)
    assert serving.view(ADMIN) is not first
    assert len(reads) == 2
    kept = Serving(Store(Layer(shop())), poll_seconds=3600, values=values, values_seconds=600)
    assert kept.view(ADMIN) is kept.view(ADMIN)


def test_while_values_are_read_again_the_others_are_given_the_view_as_it_was() -> None:
    meanwhile: list[ServedLayer] = []

    def values(_served: object, _principal: Principal) -> dict[str, tuple[str, ...]]:
        if first:
            meanwhile.append(serving.view(ADMIN))
        return {"order__payment": ("card",)}

    first: list[ServedLayer] = []
    serving = Serving(Store(Layer(shop())), poll_seconds=3600, values=values, values_seconds=0.2)
    first.append(serving.view(ADMIN))
    time.sleep(0.25)
    assert serving.view(ADMIN) is not first[0]
    assert meanwhile == first


def test_only_so_many_views_are_kept() -> None:
    serving = Serving(Store(Layer(shop())), poll_seconds=3600, views=1)
    admin = serving.view(ADMIN)
    assert serving.view(ADMIN) is admin
    serving.view(ANALYST)
    assert serving.view(ADMIN) is not admin


@pytest.mark.parametrize(
    ("fail", "reason"),
    [(UserError(Problem("DM8011", "the store does not answer")), "the store does not answer"), (RuntimeError("secret"), "RuntimeError")],
)
def test_a_layer_is_served_on_while_asking_fails(fail: Exception, reason: str) -> None:
    store = Store(Layer(shop()))
    serving = Serving(store, poll_seconds=0)
    good = serving.layer()
    store.fail = fail
    assert serving.layer() is good
    assert serving.stale_reason == reason
    store.fail = None
    assert serving.layer() is good
    assert serving.stale_reason == ""


def test_without_a_layer_the_cause_is_told_each_time() -> None:
    store = Store(Layer(shop()))
    store.fail = UserError(Problem("DM8011", "the store does not answer"))
    serving = Serving(store, poll_seconds=3600)
    for _ in range(2):
        with pytest.raises(UserError) as raised:
            serving.layer()
        assert raised.value.problem.code == "DM8011"
    store.fail = None
    assert serving.layer() == store.layer


def test_nothing_published_is_a_problem() -> None:
    with pytest.raises(UserError) as raised:
        Serving(lambda _held: None, poll_seconds=0).layer()
    assert raised.value.problem.code == "DM8001"
