"""Why a name means nothing from a semantic model, or too much: in words that name the models, the entity, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from app.errors import Problem, did_you_mean
from app.model.metrics import Metric, measure_inputs
from app.model.semantics import EntityType, SemanticModel
from app.sql.joins.links import Links, is_dated
from app.sql.joins.names import Candidates, Names
from app.sql.joins.reach import within
from app.sql.joins.reached import Reached, local_links

MOST_LISTED = 8
_MOST_METRICS = 2
_ALIKE, _MOST_NEAR = 0.6, 3


def ambiguous(start: str, name: str, several: Candidates) -> Problem:
    """DM3004: everything that the name may mean, each by a name that a query can write."""
    every = {(reached.name, reached.owner.name): reached for reached in several.found}
    found = list(every.values())[:MOST_LISTED]
    more = "" if several.whole and len(found) == len(every) else ", and more"
    listed = ", ".join(f"`{reached.name}` (of {reached.owner.name})" for reached in found)
    if len({name for name, _ in every}) < len(several.found):
        hint = "semantic models that share an entity give one name to several things: rename one of them, or its entity"
    elif len({reached.owner.name for reached in found}) == 1 and found[0].hops:
        hops = found[0].hops
        hint = (
            f"write the whole path, or name one in `meta.datamind` of a semantic model on the way, such as"
            f" `default_paths: {{{hops[-1].entity}: [{', '.join(found[0].links)}]}}` of `{start}`"
        )
    else:
        hint = "write the whole path"
    return Problem("DM3004", f"`{name}` means several things from `{start}`: {listed}{more}", hint=hint)


def unreached(
    start: str, name: str, names: Names, links: Links, here: Callable[[], Iterable[str]], metrics: Mapping[str, Metric]
) -> Problem:
    """DM3005 where the name is that of something to which no join leads, else DM3002."""
    *entities, element = name.split("__")
    models = links.semantic_models
    holders = [models[holder] for holder in names.holders(element)]
    owners = [model for model in holders if not entities or entities[-1] in local_links(model)]
    many = [model for model in holders if model not in owners and links.entity(model, entities[-1]) is not None]
    reachable = within(models[start], links)
    near = [owner for owner in owners if owner.name in reachable]
    far = [owner for owner in (*owners, *many) if owner.name not in reachable]
    if not near and not far:
        return Problem("DM3002", f"there is no dimension or entity `{name}`", hint=_nearest(name, {*here(), "metric_time"}))
    if near:
        known = [item for item in sorted(here()) if item.rpartition("__")[2] == element][:3]
        hint = f"it is reached as {' or '.join(f'`{item}`' for item in known)}" if known else ""
        hint = hint or f"no way that a name can say leads from `{start}` to `{near[0].name}`"
        return Problem("DM3005", f"`{name}` can't be joined to `{start}`", hint=hint)
    return Problem("DM3005", f"`{name}` can't be joined to `{start}`", hint=_why_not(start, far, reachable, links, metrics))


def _nearest(name: str, known: set[str]) -> str:
    """A hint with the items whose last parts are spelled most like those of the name, each part for itself: an entity in common makes no name near."""
    parts = name.split("__")
    near = []
    for item in known:
        ends = item.split("__")[-len(parts) :]
        alike = min(SequenceMatcher(None, *both).ratio() for both in zip(parts, ends, strict=True)) if len(ends) == len(parts) else 0.0
        if alike >= _ALIKE:
            near.append((-alike, item.count("__"), item))
    if not near:
        return did_you_mean(name, known)
    return "did you mean " + " or ".join(f"`{item}`" for _, _, item in sorted(near)[:_MOST_NEAR]) + "?"


def disagreeing(name: str, found: Mapping[str, Reached]) -> Problem:
    """DM3041: what the name means from each of several semantic models."""
    listed = ", ".join(f"`{reached.name}` of {reached.owner.name} from `{start}`" for start, reached in found.items())
    return Problem(
        "DM3041",
        f"`{name}` means different things for the metrics: {listed}",
        hint="write a path that means one thing for all of them, or ask for the metrics one by one",
    )


def _why_not(start: str, owners: Sequence[SemanticModel], reachable: Mapping[str, int], links: Links, metrics: Mapping[str, Metric]) -> str:
    """The join that is missing, or would repeat rows, nearest to the start: to one of the owners, else to a model from which they are reached."""
    near = [links.semantic_models[name] for name in sorted(reachable, key=lambda name: (reachable[name], name))]
    beyond = [model for name, model in sorted(links.semantic_models.items()) if name not in reachable]
    through = ((model, next((o for o in owners if o.name in within(model, links)), None)) for model in beyond)
    for other, owner in (*((owner, owner) for owner in owners), *((model, owner) for model, owner in through if owner is not None)):
        for model in near:
            why = _blocked(model, other, links, metrics)
            if why:
                return why if other is owner else f"`{owner.name}` is reached by way of `{other.name}` alone: {why}"
    listed = ", ".join(f"`{owner.name}`" for owner in owners[:3])
    return f"`{start}` shares no key with {listed}: give both an entity of one name, which is primary or unique in one of them"


def _blocked(near: SemanticModel, owner: SemanticModel, links: Links, metrics: Mapping[str, Metric]) -> str:
    """Why a shared entity is no way from one to the other, "" where they share none."""
    for entity in sorted(near.entities, key=lambda entity: entity.name):
        other = links.entity(owner, entity.name)
        if other is None:
            continue
        if other.type is EntityType.FOREIGN:
            return (
                f"`{owner.name}` has many rows for one `{entity.name}`: joining it to `{near.name}` would count rows more than once;"
                f" {_instead(owner, metrics)}, or declare `{entity.name}` unique in `{owner.name}` if each has one row"
            )
        if other.type is EntityType.NATURAL and not is_dated(owner):
            return f"`{owner.name}` has several rows for one `{entity.name}`, and no validity window says which of them holds"
        if other.type is EntityType.NATURAL and entity.type is EntityType.NATURAL:
            return f"`{near.name}` and `{owner.name}` both hold versions of `{entity.name}`: nothing says which of them belong together"
        if not links.fits(near, owner, entity.name):
            return f"the keys that `{near.name}` and `{owner.name}` give to the entity `{entity.name}` can't be compared"
    return ""


def _instead(owner: SemanticModel, metrics: Mapping[str, Metric]) -> str:
    """What can be asked of the rows themselves."""
    own = sorted(
        name
        for name, metric in metrics.items()
        if not metric.hidden and {i.semantic_model for i in measure_inputs(metric.params)} == {owner.name}
    )
    if not own:
        return f"ask for a metric over the rows of `{owner.name}`"
    return f"ask for a metric of `{owner.name}` such as {' or '.join(f'`{name}`' for name in own[:_MOST_METRICS])}"
