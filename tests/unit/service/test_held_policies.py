"""For how long policies of the store count, and when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.errors import DataMindError, InternalError, Problem
from app.model.ontology import Layer
from app.model.policy import Mask, MaskKind
from app.model.written_policy import WrittenPolicy
from app.service.held_policies import HeldPolicies
from app.service.serving import Serving
from tests.unit.govern.test_stored import written
from tests.unit.language.layers import shop
from tests.unit.service.test_serving import ADMIN, ANALYST

DOWN = InternalError(Problem("DM8011", "the store does not answer"))


class Store:
    """What is kept, as a store would say it, a clock beside it, and how often it was asked."""

    def __init__(self, *policies: WrittenPolicy) -> None:
        self.number = 1
        self.policies: Sequence[WrittenPolicy] = policies
        self.asked = 0
        self.now = 0.0
        self.fail: Exception | None = None

    def __call__(self, held: int) -> tuple[int, Sequence[WrittenPolicy]] | None:
        self.asked += 1
        if self.fail is not None:
            raise self.fail
        return None if held == self.number else (self.number, self.policies)

    def change(self, *policies: WrittenPolicy) -> None:
        self.number += 1
        self.policies = policies

    def held(self, poll: float = 2, most: float = 60) -> HeldPolicies:
        return HeldPolicies(self, poll_seconds=poll, most_seconds=most, clock=lambda: self.now)


def code(call: object) -> str:
    with pytest.raises(DataMindError) as raised:
        call()
    return raised.value.problem.code


def test_they_are_asked_for_once_a_poll_and_at_once_after_a_change() -> None:
    store = Store(written("a"))
    held = store.held()
    first = held()
    store.now = 1.9
    assert held() is first
    assert store.asked == 1
    store.change(written("b"))
    assert held() is first
    held.expire()
    assert [one.definition.name for one in held()] == ["b"]
    store.now = 4
    assert held() is held()
    assert store.asked == 3


def test_a_cache_shorter_than_the_poll_is_asked_more_often() -> None:
    store = Store()
    held = store.held(poll=3600, most=1)
    held()
    store.now = 1
    held()
    assert store.asked == 2


def test_old_policies_count_for_so_long_and_never_longer() -> None:
    store = Store(written("a"))
    held = store.held()
    first = held()
    store.fail = DOWN
    for store.now in (10, 30, 60):
        assert held() is first
    for store.now in (60.1, 61, 100):
        assert code(held) == "DM7044"
    store.fail = None
    store.now = 103
    assert held() is first
    store.fail = DOWN
    store.now = 160
    assert held() is first


def test_a_change_that_can_not_be_read_closes_at_once() -> None:
    store = Store(written("a"))
    held = store.held()
    held()
    store.fail = DOWN
    held.expire(changed=False)
    assert [one.definition.name for one in held()] == ["a"]
    held.expire()
    assert code(held) == "DM7044"


def test_before_the_first_answer_the_stores_own_reason_is_told_each_time() -> None:
    store = Store()
    store.fail = DOWN
    held = store.held()
    assert [code(held), code(held)] == ["DM8011", "DM8011"]


def serving(store: Store, layer: Layer | None = None) -> Serving:
    served = layer or Layer(shop())
    return Serving(lambda held: None if held else ("1", served), poll_seconds=3600, policies=store.held(poll=0))


def test_a_view_is_of_the_policies_of_both_sources_and_a_turn_keeps_it() -> None:
    store = Store()
    found = serving(store)
    before = found.view(ANALYST)
    model = before.visible.models[0]
    store.change(written("p", deny=True, columns=(f"{model.name}.{model.columns[0].name}",), roles=("analyst",)))
    after = found.view(ANALYST)
    assert model.columns[0].name in after.access.of(model.name).denied
    assert before.access.of(model.name).denied == set()
    assert after.layer.version == before.layer.version
    store.change()
    assert found.view(ANALYST) is before


def test_what_changes_nobodys_rights_throws_no_view_away() -> None:
    store = Store()
    found = serving(store)
    admin, analyst = found.view(ADMIN), found.view(ANALYST)
    closed = written("p", deny=True, roles=("analyst",))
    store.change(closed)
    assert found.view(ADMIN) is admin
    assert found.view(ANALYST) is not analyst
    store.change(closed, written("q", deny=True, users=("nobody@example.com",)))
    assert found.view(ADMIN) is admin


@pytest.mark.parametrize("effect", [{"mask": Mask(MaskKind.HASH)}, {"min_group_size": 5}])
def test_a_column_that_is_guarded_from_somebody_is_no_vocabulary_of_anybody_at_once(effect: dict[str, Any]) -> None:
    """An admin's index of values was made of it: a view with another is served from the next question on."""
    store = Store()
    found = serving(store)
    model = shop().models[0]
    column = model.columns[0].name
    before = found.view(ADMIN)
    store.change(written("p", columns=(f"{model.name}.{column}",), roles=("viewer",), **effect))
    after = found.view(ADMIN)
    assert after is not before
    assert after.guarded - before.guarded == {(model.name, column)}
    assert after.access.of(model.name).masks == {}
    store.change()
    assert found.view(ADMIN).guarded == before.guarded


def test_without_policies_that_are_known_nothing_is_shown() -> None:
    store = Store()
    found = serving(store)
    found.view(ADMIN)
    store.fail = DOWN
    store.now = 61
    assert code(lambda: found.view(ADMIN)) == "DM7044"
    assert code(lambda: found.over(Layer(shop())).view(ADMIN)) == "DM7044"


def test_another_layer_stands_under_the_same_policies() -> None:
    store = Store(written("p", deny=True, roles=("analyst",)))
    layer = Layer(shop())
    over = serving(store).over(layer)
    name = layer.ontology.models[0].name
    assert over.view(ANALYST).access.of(name).closed
    assert not over.view(ADMIN).access.of(name).closed
