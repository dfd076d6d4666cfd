"""What the values of a dimension have to do with the change of a metric: exact arithmetic on fractions, without rows, names or engines.

Of a sum each value's part is its own change: they add up to the whole, for the whole is their sum. Of a quotient R = N / D, whose value v weighs
w = D(v) / D and has the ratio r = N(v) / D(v), it is N1(v) / D1 - N0(v) / D0 - m (w1 - w0) with m = (R0 + R1) / 2. Weights sum to one before and after, so
what is taken off sums to nothing and the parts add up to R1 - R0. Each is what the value's own ratio did, (w0 + w1) / 2 (r1 - r0), and what its weight did,
(w1 - w0) ((r0 + r1) / 2 - m): the rate and the mix of Kitagawa, "Components of a Difference Between Two Rates" (1955). A value that is there in one period
only has no ratio in the other: all of its part is mix.

Which dimension tells most is ranked by how much it surprises: the Jensen-Shannon divergence between the distribution of the metric over its values before
and after, as in Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems" (NSDI 2014). Where every value changed alike, it explains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K")
Pair = tuple[Fraction, Fraction]
"""Numerator and denominator."""

_NONE = Fraction(0)
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Piece:
    """A value's part of a change. `previous` and `current` are the value's own, None where it had none; `rate` and `mix` are set for quotients."""

    previous: Fraction | None
    current: Fraction | None
    change: Fraction
    rate: Fraction | None = None
    mix: Fraction | None = None


def of_sum(previous: Mapping[K, Fraction], current: Mapping[K, Fraction]) -> dict[K, Piece]:
    """Each value's part of the change of a sum."""
    keys = dict.fromkeys((*previous, *current))
    return {key: Piece(previous.get(key), current.get(key), current.get(key, _NONE) - previous.get(key, _NONE)) for key in keys}


def of_quotient(previous: Mapping[K, Pair], current: Mapping[K, Pair]) -> dict[K, Piece] | None:
    """Each value's part of the change of a quotient of two sums; None where it has no value in one of the periods."""
    zero = (_NONE, _NONE)
    over0, under0 = _totals(previous)
    over1, under1 = _totals(current)
    if not under0 or not under1:
        return None
    middle = (over0 / under0 + over1 / under1) * _HALF
    found: dict[K, Piece] = {}
    for key in dict.fromkeys((*previous, *current)):
        (n0, d0), (n1, d1) = previous.get(key, zero), current.get(key, zero)
        w0, w1 = d0 / under0, d1 / under1
        change = n1 / under1 - n0 / under0 - middle * (w1 - w0)
        r0, r1 = n0 / d0 if d0 else None, n1 / d1 if d1 else None
        rate = (w0 + w1) * _HALF * (r1 - r0) if r0 is not None and r1 is not None else _NONE
        found[key] = Piece(r0, r1, change, rate, change - rate)
    return found


def together(pieces: Sequence[Piece], *, adds_up: bool) -> Piece:
    """Several values as one: what stands for those that are not listed. Of a quotient it has no value of its own."""
    rates = [one.rate for one in pieces if one.rate is not None]
    mixes = [one.mix for one in pieces if one.mix is not None]
    own = adds_up and not rates
    return Piece(
        sum((one.previous or _NONE for one in pieces), _NONE) if own else None,
        sum((one.current or _NONE for one in pieces), _NONE) if own else None,
        sum((one.change for one in pieces), _NONE),
        sum(rates, _NONE) if rates else None,
        sum(mixes, _NONE) if mixes else None,
    )


def surprise(previous: Mapping[K, Fraction], current: Mapping[K, Fraction]) -> float:
    """How far the distributions over the values are apart, from 0 (every value changed alike) to 1; what is negative counts by its size."""
    before = sum((abs(value) for value in previous.values()), _NONE)
    after = sum((abs(value) for value in current.values()), _NONE)
    if not before or not after:
        return 0.0
    total = 0.0
    for key in dict.fromkeys((*previous, *current)):
        p, q = float(abs(previous.get(key, _NONE)) / before), float(abs(current.get(key, _NONE)) / after)
        for one in (p, q):
            total += 0.5 * one * math.log2(2 * one / (p + q)) if one else 0.0
    return max(0.0, min(1.0, total))


def _totals(pairs: Mapping[K, Pair]) -> Pair:
    return sum((one[0] for one in pairs.values()), _NONE), sum((one[1] for one in pairs.values()), _NONE)
