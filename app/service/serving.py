"""The layer that is served now, and its view for each principal."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from app.errors import DataMindError, Problem, UserError
from app.govern.access import access
from app.govern.same import Same
from app.govern.stored import with_policies
from app.govern.visible import visible_ontology
from app.language.lexicon import Lexicon
from app.model.ontology import Layer, Ontology
from app.model.principal import Principal
from app.model.written_policy import WrittenPolicy
from app.pipeline.turn import ServedLayer
from app.plan.cache import PlanCache
from app.service.held_policies import HeldPolicies
from app.sql.joins import JoinGraph

K = TypeVar("K")
V = TypeVar("V")

CurrentLayer = Callable[[str], tuple[str, Layer] | None]
"""Given the key of the layer held ("" for none): None where it is still the current one, else the key and the layer to serve from now on."""

_MOST_PRINCIPALS = 4096
"""Of how many principals it is remembered which view is theirs."""

Values = Callable[[ServedLayer, Principal], Mapping[str, tuple[str, ...]]]
"""The values of dimensions that a principal may name, by dunder name; read under the principal's own policies."""


def _no_values(_served: ServedLayer, _principal: Principal) -> Mapping[str, tuple[str, ...]]:
    return {}


class Serving:
    """Holds one layer and the views of it. Thread-safe; a turn keeps the view it was given even when a newer layer comes.

    `current` is asked at most every `poll_seconds`, or at the next call after `expire`. Where it fails while a layer is held, that layer
    is served on and `stale_reason` says why. To the layer's own policies come those of the store, which are held for a bounded time only; a turn goes
    on with those that its view was made of. A view's lexicon knows the values that `values` gives, read again every `values_seconds`; the one
    call that reads them again pays for it, the others are given the view as it was meanwhile.
    """

    def __init__(
        self,
        current: CurrentLayer,
        *,
        poll_seconds: float,
        values: Values = _no_values,
        values_seconds: float = 600.0,
        views: int = 64,
        policies: HeldPolicies | None = None,
    ) -> None:
        self._current = current
        self._policies = policies
        self._governed: tuple[Ontology, tuple[WrittenPolicy, ...], Ontology, tuple[Problem, ...]] | None = None
        self._values = values
        self._values_seconds = values_seconds
        self._poll_seconds = poll_seconds
        self._most_views = views
        self._lock = threading.Lock()
        self._key = ""
        self._layer: Layer | None = None
        self._asked_at = float("-inf")
        self._views: OrderedDict[str, tuple[float, ServedLayer]] = OrderedDict()
        self._keys: OrderedDict[Principal, tuple[Ontology, str]] = OrderedDict()
        self._plans = PlanCache()
        self._statements = PlanCache()
        self.stale_reason = ""

    def expire(self) -> None:
        """Ask for the current layer again at the next call: a publication was announced."""
        self._asked_at = float("-inf")

    def expire_policies(self, *, changed: bool = True) -> None:
        """Ask for the store's policies again at the next call: a change was announced, or without `changed` may have been."""
        if self._policies is not None:
            self._policies.expire(changed=changed)

    def policies(self) -> tuple[tuple[WrittenPolicy, ...] | None, str]:
        """The store's policies, None where the layer's own count alone; and why they may be old, "" where they are those of now.

        Raises InternalError DM7044, or what the store raises where they were never known.
        """
        return (None, "") if self._policies is None else (self._policies(), self._policies.stale_reason)

    def over(self, layer: Layer, *, with_values: bool = False) -> Serving:
        """The same policies of the store over another layer, which stays; its views know values of the warehouse where that is wanted."""
        values = self._values if with_values else _no_values
        return Serving(
            lambda held: None if held else (layer.version, layer), poll_seconds=float("inf"), values=values, policies=self._policies
        )

    def governed(self) -> tuple[Layer, Ontology, tuple[Problem, ...]]:
        """The layer served now, its Ontology with the policies of the store, and what is wrong with these.

        Raises UserError DM8001, InternalError DM7044 where the store's policies are not known.
        """
        layer = self.layer()
        written = self._policies() if self._policies is not None else ()
        with self._lock:
            held = self._governed
        if held is None or held[0] is not layer.ontology or held[1] is not written:
            held = (layer.ontology, written, *with_policies(layer.ontology, written))
            with self._lock:
                self._governed = held
        return layer, held[2], held[3]

    def layer(self) -> Layer:
        """The layer served now. Raises UserError DM8001 where none was ever published."""
        with self._lock:
            if time.monotonic() - self._asked_at >= self._poll_seconds:
                self._refresh()
            if self._layer is None:
                raise UserError(
                    Problem(
                        "DM8001", "no layer is published for this project", hint="run `datamind sync`, or wait for the worker's first sync"
                    )
                )
            return self._layer

    def _refresh(self) -> None:
        """Take over the current layer where it is another; keep the one held where asking fails."""
        self._asked_at = time.monotonic()
        try:
            found = self._current(self._key)
            self.stale_reason = ""
        except Exception as error:
            if self._layer is None:
                self._asked_at = float("-inf")  # the next call is told the same cause, not that nothing was published
                raise
            self.stale_reason = error.problem.message if isinstance(error, DataMindError) else type(error).__name__
            return
        if found is not None:
            self._key, self._layer = found
            self._views.clear()
            self._keys.clear()

    def view(self, principal: Principal) -> ServedLayer:
        """The served layer as the principal may see it; built once for each set of equal rights. Raises as `governed`."""
        layer, governed, _ = self.governed()
        with self._lock:
            of, known = self._keys.get(principal, (governed, ""))
            held = self._held(known, layer) if of is governed else None
        if held is not None:
            return held
        rights = access(principal, governed)
        guarded, mark = _guarded(governed)
        key = f"{layer.version}:{rights.fingerprint}:{mark}"
        with self._lock:
            _keep(self._keys, principal, (governed, key), _MOST_PRINCIPALS)
            held = None if of is governed and key == known else self._held(key, layer)
        if held is not None:
            return held
        visible = visible_ontology(layer.ontology, rights)
        joins = JoinGraph.of(visible)
        served = ServedLayer(
            layer, rights, visible, joins, Lexicon.of(visible), self._plans, _planned_on(layer, key), self._statements, guarded
        )
        if values := self._values(served, principal):
            served = replace(served, lexicon=Lexicon.of(visible, values))
        with self._lock:
            _keep(self._views, key, (time.monotonic(), served), self._most_views)
        return served

    def _held(self, key: str, layer: Layer) -> ServedLayer | None:
        """The view of that key over this very layer; None where there is none, or for the one caller who is to build it anew."""
        built, served = self._views.get(key, (0.0, None))
        if served is None or served.layer is not layer:
            return None
        now = time.monotonic()
        fresh = now - built < self._values_seconds
        _keep(self._views, key, (built if fresh else now, served), self._most_views)
        return served if fresh else None


def serving_of(layer: Layer) -> Serving:
    """One layer that stays, under its own policies alone."""
    return Serving(lambda held: None if held else (layer.version, layer), poll_seconds=float("inf"))


def _keep(entries: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Set as the most recently used of at most `most` entries."""
    entries[key] = value
    entries.move_to_end(key)
    while len(entries) > most:
        entries.popitem(last=False)


@lru_cache(maxsize=4)
def _of(governed: Same[Ontology]) -> tuple[frozenset[tuple[str, str]], str]:
    pairs = frozenset((model.name, column) for model in governed.it.models for column in model.guarded_columns)
    return pairs, hashlib.sha256(repr(sorted(pairs)).encode()).hexdigest()[:16]


def _guarded(governed: Ontology) -> tuple[frozenset[tuple[str, str]], str]:
    """The columns that somebody does not see as they are, and a mark of them all: what is indexed of values hangs on them, whoever asks."""
    return _of(Same(governed))


def _planned_on(layer: Layer, key: str) -> str:
    """All on which plans depend besides the query: the layer's content, what of it may be seen, and where each engine keeps it."""
    return ":".join((key, *(placement.fingerprint() for placement in layer.placements)))
