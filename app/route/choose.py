"""Which engine answers a plan: one that holds every model, answers now, and suits the work; with the reason in plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.errors import Problem, UserError, did_you_mean
from app.model.physical import Placement
from app.model.plan import LogicalPlan
from app.ports import Capabilities


@dataclass(frozen=True, slots=True)
class Route:
    """The engine chosen, and why, as a person reads it."""

    engine: str
    reason: str


def choose(
    plan: LogicalPlan,
    placements: Sequence[Placement],
    capabilities: Mapping[str, Capabilities],
    available: Collection[str],
    requested: str = "",
    blocked: Collection[str] = (),
) -> Route:
    """The engine for a plan. `capabilities` names the engines there are, `available` those that answer, `requested` the one asked for, if any; on those
    `blocked` failed tests or stale sources keep the answer back.

    A columnar engine is preferred where rows are aggregated, a row store where values are listed. An engine that does not answer, or is blocked, is passed over
    for another only where that one holds the same models. Raises UserError DM3031 (no such engine, or it lacks a model), DM3032 (no engine
    holds all models) or DM5001 (those that do don't answer).
    """
    needed = plan.models
    lacking = {p.engine: _lacks(p, needed) for p in placements if p.engine in capabilities}
    holding = sorted(engine for engine, missing in lacking.items() if not missing)
    if requested:
        return _requested(requested, lacking, capabilities, available)
    if not holding:
        raise UserError(Problem("DM3032", f"no engine holds all of {_listed(needed)}", hint=_who_lacks(lacking)))
    ranked = sorted(holding, key=lambda engine: (capabilities[engine].columnar is not plan.aggregates, engine))
    answering = [engine for engine in ranked if engine in available]
    if not answering:
        raise UserError(
            Problem("DM5001", f"{_listed(ranked)} can't be reached, and no other engine holds the data", hint="try again later")
        )
    best = next((engine for engine in answering if engine not in blocked), answering[0])
    if best != ranked[0]:
        why = "can't be reached" if ranked[0] not in answering else "has failed tests or stale sources that block the answer"
        return Route(best, f"{ranked[0]} {why}, and {best} holds the same data")
    if len(lacking) > len(holding) and len(holding) == 1:
        return Route(best, f"it is the only one that holds {_listed(needed)}")
    if len(holding) == 1:
        return Route(best, "it is the engine that holds the data")
    if plan.aggregates:
        return Route(
            best, "it is the fastest at adding up many rows" if capabilities[best].columnar else "it holds all the data that is added up"
        )
    return Route(
        best, "it is the quickest at listing values" if not capabilities[best].columnar else "it holds all the values that are listed"
    )


def _requested(
    engine: str, lacking: Mapping[str, tuple[str, ...]], capabilities: Mapping[str, Capabilities], available: Collection[str]
) -> Route:
    """The engine that was asked for, or why not."""
    if engine not in capabilities:
        hint = did_you_mean(engine, capabilities) or f"there are {_listed(sorted(capabilities))}"
        raise UserError(Problem("DM3031", f"there is no engine `{engine}`", hint=hint))
    if engine not in lacking or lacking[engine]:
        others = sorted(other for other, missing in lacking.items() if not missing)
        hint = f"{_listed(others)} holds it all" if others else ""
        raise UserError(
            Problem("DM3031", f"the engine `{engine}` does not hold {_listed(lacking.get(engine) or ('this data',))}", hint=hint)
        )
    if engine not in available:
        raise UserError(
            Problem(
                "DM5001", f"the engine `{engine}`, which was asked for, can't be reached", hint="leave the choice open, or try again later"
            )
        )
    return Route(engine, "it was asked for")


def _lacks(placement: Placement, needed: Sequence[str]) -> tuple[str, ...]:
    """The models that the engine does not have."""
    held = {name for name, _ in placement.relations}
    return tuple(name for name in needed if name not in held)


def _who_lacks(lacking: Mapping[str, tuple[str, ...]]) -> str:
    """What each engine is missing."""
    return "; ".join(f"{engine} lacks {_listed(missing)}" for engine, missing in sorted(lacking.items()))


def _listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part) if quoted else "the data"
