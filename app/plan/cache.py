"""What was planned stays planned: a bounded memory of requests read, plans and SQL, so that a query asked again costs a look-up."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class PlanCache:
    """Least recently used first out; threads share it. Keys hold all on which a value depends: the layer, what of it may be seen, the query, the engine.

    What `make` raises is not remembered. Two threads that ask for the same at once may both make it: values are frozen, and either will do.
    """

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value remembered under the key, else what `make` gives. Raises what `make` raises."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return cast(T, self._held[key])
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._held)
