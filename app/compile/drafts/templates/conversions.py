"""`conversion` and `retention`: who did one thing, and then another."""

from __future__ import annotations

from app.compile.drafts.templates.ground import Asked, Definition, Events, Ground
from app.compile.drafts.templates.over_time import kept

_CALCULATIONS = ("conversion_rate", "conversions")


def conversion(asked: Asked, ground: Ground) -> Definition:
    """How many events led to another of the same entity within a window: `--base`, `--conversion`, `--entity`, `--window`."""
    base = ground.events("--base", asked.base, "what it starts from, as visits")
    led = ground.events("--conversion", asked.conversion, "what it may lead to, as orders")
    entity = ground.entity(asked.entity, base, led)
    calculation = asked.calculation or _CALCULATIONS[0]
    if calculation not in _CALCULATIONS:
        raise ground.unknown("--calculation", calculation, "calculation", _CALCULATIONS)
    window = ground.window(asked.window, "within which time") if asked.window else ""
    rate = calculation == "conversion_rate"
    within = f" within {window}" if window else ""
    said = f"{'Share' if rate else 'Number'} of {base.name} that led to {led.name} of the same {entity.name}{within}."
    return _conversion(ground, asked, base, led, entity.name, window, calculation, said) | ({"unit": "%", "format": "0.0%"} if rate else {})


def retention(asked: Asked, ground: Ground) -> Definition:
    """Who comes back. With `--lost` and `--active`: those who were there and did not leave, one less churn.

    Else `--base`, `--conversion` (the return), `--entity` and `--window`: of those with a first event, who had another one within the window. Both
    measures have to count each one once, and a filter or another measure has to tell the return from the first event: any event would else be its
    own return.
    """
    if asked.lost or asked.active:
        return kept(asked, ground)
    base = ground.events("--base", asked.base, "the first events, as first orders (or give --lost and --active)")
    back = ground.events("--conversion", asked.conversion or asked.base, "the events of those who come back, as later orders")
    entity = ground.entity(asked.entity, base, back)
    window = ground.window(asked.window, "within which time they come back")
    for events in (base, back):
        if not events.counts_once(entity.name):
            known = ground.counted(entity)
            raise ground.unfit(
                f"`{events.name}` counts events, and one {entity.name} may have several",
                f"name a measure that counts each {entity.name} once: {', '.join(known)}"
                if known
                else f"add a measure to `{events.owner.name}`: {{name: {entity.name}s, agg: count_distinct, expr: {_key(events, entity.name)}}}",
            )
    if base.name == back.name and asked.base_filter.strip() == asked.conversion_filter.strip():
        flags = [events.owner.dunder(d.name) for events in (base,) for d in events.owner.dimensions if d.name.startswith(("is_", "has_"))]
        example = flags[0] if flags else f"{base.owner.dunder('is_first')}"
        raise ground.unfit(
            "every event would be its own return",
            f'tell first events from later ones: --base-filter "{{{{ Dimension(\'{example}\') }}}}" --conversion-filter "not …"',
        )
    said = f"Of those with {base.name} that are first, the share of {entity.name}s with a later one within {window}."
    if base.name != back.name:
        said = f"Share of the {entity.name}s with {base.name} that had {back.name} within {window}."
    made = _conversion(ground, asked, base, back, entity.name, window, "conversion_rate", said)
    return made | {"unit": "%", "format": "0.0%"}


def _conversion(
    ground: Ground, asked: Asked, base: Events, led: Events, entity: str, window: str, calculation: str, said: str
) -> Definition:
    kind = "metric" if ground.inside_models else "measure"
    params = {
        "entity": entity,
        "calculation": calculation,
        f"base_{kind}": _input(base, asked.base_filter, f"{base.name}_first" if base.name == led.name else ""),
        f"conversion_{kind}": _input(led, asked.conversion_filter, f"{led.name}_later" if base.name == led.name else ""),
        **({"window": window} if window else {}),
    }
    return {"description": said, "type": "conversion", "type_params": {"conversion_type_params": params}}


def _input(events: Events, condition: str, alias: str) -> object:
    """An input; dbt wants an alias for each of two of one name."""
    said = {"name": events.name, **({"alias": alias} if alias else {}), **({"filter": condition} if condition else {})}
    return said if len(said) > 1 else events.name


def _key(events: Events, entity: str) -> str:
    expr = next((e.expr for e in events.owner.entities if e.name == entity), None)
    return getattr(expr, "name", entity)
