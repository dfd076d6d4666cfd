"""What the command line may change about a measurement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`scale` is the demo's size; `rounds` how many fresh processes measure the same; `slow_peer` measures also what takes the peer long."""

    scale: float = 1.0
    rounds: int = 5
    slow_peer: bool = False
