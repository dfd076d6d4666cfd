"""Which engines answer is asked seldom, and never wrongly for long."""

from __future__ import annotations

from dataclasses import dataclass

from app.ports import Health
from app.wiring.available import HOLDS_SECONDS, Available


@dataclass
class Part:
    """An engine that counts how often it was asked."""

    up: bool = True
    asked: int = 0

    def health(self) -> Health:
        self.asked += 1
        return Health(up=self.up)


def test_an_answer_holds_for_a_while() -> None:
    now = [0.0]
    one, other = Part(), Part(up=False)
    available = Available({"one": one, "other": other}, clock=lambda: now[0])
    assert set(available()) == {"one"}
    other.up = True
    now[0] = HOLDS_SECONDS / 2
    assert set(available()) == {"one"}
    assert one.asked == 1
    now[0] = HOLDS_SECONDS
    assert set(available()) == {"one", "other"}
    assert one.asked == 2
