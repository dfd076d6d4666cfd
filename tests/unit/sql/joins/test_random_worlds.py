"""Names over random joins: what is answered is what every way that bears the name gives, row by row; what differs is refused."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given

from app.errors import UserError
from app.sql.joins import JoinGraph
from tests.support.join_worlds import World, meanings, names, worlds
from tests.support.queries.budget import examples


def as_walk(world: World, graph: JoinGraph, start: str, name: str) -> list[object] | None:
    """The values of what the graph finds, None where it refuses."""
    found = graph.find(start, name)
    if found is None:
        return None
    at = world.ontology.semantic_model(start)
    assert at is not None
    walk = []
    for hop in found.hops:
        step = next(s for s in world.steps(at) if (s.entity, s.target.name) == (hop.entity, hop.semantic_model))
        walk.append(step)
        at = step.target
    start_model = world.ontology.semantic_model(start)
    assert start_model is not None
    return world.values(start_model, tuple(walk), found.element)


def check(world: World, *, complete: bool) -> None:
    """No name is guessed; and with `complete`, none that means one thing is refused."""
    graph = JoinGraph.of(world.ontology)
    for start in world.semantic_models:
        for name in sorted(names(world, start)):
            candidates = meanings(world, start, name)
            told = [world.values(start, walk, held) for walk, held in candidates]
            answered = as_walk(world, graph, start.name, name)
            if answered is not None:
                assert told, (start.name, name)
                assert all(values == answered for values in told), (start.name, name, candidates)
            elif complete:
                assert len(candidates) != 1, (start.name, name, candidates)


@given(world=worlds())
@examples(60)
def test_a_name_is_answered_where_it_means_one_thing(world: World) -> None:
    check(world, complete=True)


@pytest.mark.parametrize("most", [1, 2])
@given(world=worlds())
@examples(60)
def test_where_ways_are_not_all_told_apart_nothing_is_guessed(most: int, world: World) -> None:
    with mock.patch("app.sql.joins.reach.MOST_WAYS", most), mock.patch("app.sql.joins.ways.MOST_WAYS", most):
        check(world, complete=False)


@given(world=worlds())
@examples(60)
def test_every_listed_item_resolves_to_what_was_listed_and_no_shorter_name_would(world: World) -> None:
    graph = JoinGraph.of(world.ontology)
    for start in graph.semantic_models:
        for name, listed in graph.items(start).items():
            assert graph.resolve(start, name).meaning == listed.meaning
            parts = name.split("__")
            for n in range(1, len(parts) - 1):
                found = graph.find(start, "__".join(parts[n:]))
                assert found is None or found.meaning != listed.meaning


@given(world=worlds())
@examples(60)
def test_a_refused_name_says_why(world: World) -> None:
    graph = JoinGraph.of(world.ontology)
    for start in world.semantic_models:
        for name in sorted(names(world, start)):
            if graph.find(start.name, name) is not None:
                continue
            with pytest.raises(UserError) as caught:
                graph.resolve(start.name, name)
            problem = caught.value.problem
            assert problem.code in ("DM3002", "DM3004", "DM3005")
            assert problem.hint or problem.code == "DM3002"
