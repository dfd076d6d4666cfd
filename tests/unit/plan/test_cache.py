"""What is remembered of plans: the same thing for the same key, bounded, and nothing of what failed."""

from __future__ import annotations

import threading

import pytest

from app.plan.cache import PlanCache


def test_a_value_is_made_once() -> None:
    cache, made = PlanCache(), []
    for _ in range(3):
        assert cache.get("a", lambda: made.append(1) or "plan") == "plan"  # type: ignore[func-returns-value]
    assert made == [1]


def test_the_least_recently_used_is_forgotten() -> None:
    cache = PlanCache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key)  # type: ignore[misc]
    assert len(cache) == 2
    assert cache.get("a", lambda: "anew") == "a"
    assert cache.get("b", lambda: "anew") == "anew"


def test_what_failed_is_tried_again() -> None:
    cache = PlanCache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)
    assert cache.get("a", lambda: 1) == 1


def test_threads_share_it() -> None:
    cache, seen = PlanCache(8), set()

    def ask(n: int) -> None:
        for i in range(200):
            seen.add(cache.get(i % 16, lambda i=i: i % 16) == i % 16)  # type: ignore[misc]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {True}
    assert len(cache) == 8
