"""Results held for turns: asked for now and then, kept where asking fails, and never taken for sound where nobody could look."""

from __future__ import annotations

import pytest

from app.errors import InternalError, Problem
from app.model.quality import Quality
from app.service.quality import HeldQuality

SOME, OTHER = Quality.of({"postgres": ()}), Quality.of({"clickhouse": ()})


def test_the_newest_is_given_and_asked_for_by_its_key() -> None:
    asked: list[str] = []
    answers = [("1", SOME), None, ("2", OTHER)]

    def newest(held: str) -> tuple[str, Quality] | None:
        asked.append(held)
        return answers.pop(0)

    held = HeldQuality(newest, poll_seconds=0)
    assert [held(), held(), held()] == [SOME, SOME, OTHER]
    assert asked == ["", "1", "1"]


def test_between_two_polls_nobody_asks_unless_told_to() -> None:
    answers = [("1", SOME), ("2", OTHER)]
    held = HeldQuality(lambda _key: answers.pop(0), poll_seconds=3600)
    assert [held(), held()] == [SOME, SOME]
    held.expire()
    assert held() is OTHER


def test_what_is_held_stays_where_asking_fails_but_nothing_is_no_answer() -> None:
    down = InternalError(Problem("DM8011", "the store does not answer"))
    works = False

    def newest(_key: str) -> tuple[str, Quality] | None:
        if not works:
            raise down
        return "1", SOME

    held = HeldQuality(newest, poll_seconds=0)
    with pytest.raises(InternalError):
        held()
    works = True
    assert held() is SOME
    works = False
    assert held() is SOME
