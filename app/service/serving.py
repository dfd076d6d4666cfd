"""The layer that is served now, and its view for each principal."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from app.errors import DataMindError, Problem, UserError
from app.govern.access import access
from app.govern.visible import visible_ontology
from app.language.lexicon import Lexicon
from app.model.ontology import Layer
from app.model.principal import Principal
from app.pipeline.turn import ServedLayer
from app.plan.cache import PlanCache
from app.sql.joins import JoinGraph

K = TypeVar("K")
V = TypeVar("V")

CurrentLayer = Callable[[str], tuple[str, Layer] | None]
"""Given the key of the layer held ("" for none): None where it is still the current one, else the key and the layer to serve from now on."""

_MOST_PRINCIPALS = 4096
"""Of how many principals it is remembered which view is theirs."""

Values = Callable[[ServedLayer, Principal], Mapping[str, tuple[str, ...]]]
"""The values of dimensions that a principal may name, by dunder name; read under the principal's own policies."""


class Serving:
    """Holds one layer and the views of it. Thread-safe; a turn keeps the view it was given even when a newer layer comes.

    `current` is asked at most every `poll_seconds`, or at the next call after `expire`. Where it fails while a layer is held, that layer
    is served on and `stale_reason` says why. A view's lexicon knows the values that `values` gives, read again every `values_seconds`; the one
    call that reads them again pays for it, the others are given the view as it was meanwhile.
    """

    def __init__(
        self,
        current: CurrentLayer,
        *,
        poll_seconds: float,
        values: Values = lambda _served, _principal: {},
        values_seconds: float = 600.0,
        views: int = 64,
    ) -> None:
        self._current = current
        self._values = values
        self._values_seconds = values_seconds
        self._poll_seconds = poll_seconds
        self._most_views = views
        self._lock = threading.Lock()
        self._key = ""
        self._layer: Layer | None = None
        self._asked_at = float("-inf")
        self._views: OrderedDict[str, tuple[float, ServedLayer]] = OrderedDict()
        self._keys: OrderedDict[Principal, str] = OrderedDict()
        self._plans = PlanCache()
        self.stale_reason = ""

    def expire(self) -> None:
        """Ask for the current layer again at the next call: a publication was announced."""
        self._asked_at = float("-inf")

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
        """The served layer as the principal may see it; built once for each set of equal rights."""
        layer = self.layer()
        with self._lock:
            known = self._keys.get(principal, "")
            held = self._held(known, layer)
        if held is not None:
            return held
        rights = access(principal, layer.ontology)
        key = f"{layer.version}:{rights.fingerprint}"
        with self._lock:
            _keep(self._keys, principal, key, _MOST_PRINCIPALS)
            held = None if key == known else self._held(key, layer)
        if held is not None:
            return held
        visible = visible_ontology(layer.ontology, rights)
        joins = JoinGraph.of(visible)
        served = ServedLayer(layer, rights, visible, joins, Lexicon.of(visible), self._plans, _planned_on(layer, key))
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


def _keep(entries: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Set as the most recently used of at most `most` entries."""
    entries[key] = value
    entries.move_to_end(key)
    while len(entries) > most:
        entries.popitem(last=False)


def _planned_on(layer: Layer, key: str) -> str:
    """All on which plans depend besides the query: the layer's content, what of it may be seen, and where each engine keeps it."""
    return ":".join((key, *(placement.fingerprint() for placement in layer.placements)))
