"""Metrics in an order in which every one comes after its inputs, without recursion: chains of any length, and circles found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.compile.dbt.semantic import MetricInputNode, MetricNode


def input_names(node: MetricNode) -> tuple[str, ...]:
    """The metrics that a metric is made of, each once, as written. A measure that is given beside a metric stands for it."""
    params = node.type_params
    found: list[MetricInputNode | None] = []
    kind = node.type.lower()
    if kind == "ratio":
        found = [params.numerator, params.denominator]
    elif kind == "derived":
        found = list(params.metrics or ())
    elif kind == "cumulative" and params.measure is None and params.cumulative_type_params:
        found = [params.cumulative_type_params.metric]
    elif kind == "conversion" and (own := params.conversion_type_params):
        found = [own.base_metric if own.base_measure is None else None, own.conversion_metric if own.conversion_measure is None else None]
    return tuple(dict.fromkeys(item.name for item in found if item))


def inputs_first(nodes: Mapping[str, MetricNode]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """All names, inputs first and else by name; and of those in a circle, the inputs by which they are."""
    return arranged({name: {i for i in input_names(node) if i in nodes} for name, node in nodes.items()})


def circle(name: str, by: Sequence[str]) -> str:
    """What to say of a metric in a circle."""
    return f"metric `{name}` is left out: it is made of itself, by way of {', '.join(f'`{other}`' for other in by)}"


def arranged(inputs: Mapping[str, set[str]]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """`inputs_first` of names with their inputs, all of which are among the names."""
    users: dict[str, list[str]] = defaultdict(list)
    for name in sorted(inputs):
        for needed in inputs[name]:
            users[needed].append(name)
    waiting = {name: len(needed) for name, needed in inputs.items()}
    order = sorted(name for name, count in waiting.items() if count == 0)
    for name in order:  # grows while it is walked
        for user in users[name]:
            waiting[user] -= 1
            if waiting[user] == 0:
                order.append(user)
    done = set(order)
    left = {name: inputs[name] - done for name in sorted(inputs) if name not in done}
    found = _circle(left, users)
    outside = [name for name in left if name not in found]
    return order + sorted(found) + outside, {name: tuple(sorted(left[name] & found)) for name in sorted(found)}


def _circle(left: Mapping[str, set[str]], users: Mapping[str, list[str]]) -> set[str]:
    """Of what is left, those on which another that is left stands: the others only stand on a circle."""
    found = set(left)
    counts = {name: sum(1 for user in users[name] if user in found) for name in found}
    free = [name for name, count in counts.items() if count == 0]
    while free:
        name = free.pop()
        found.discard(name)
        for needed in left[name]:
            counts[needed] -= 1
            if counts[needed] == 0:
                free.append(needed)
    return found
