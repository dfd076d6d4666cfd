"""The account by which an engine is read: the second lock, which holds where the first one would fail. What it may do beyond its work is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from app.errors import DataMindError, Problem, Severity
from app.govern.served import served_schemas
from app.ports import Engine, Excess
from app.service.serving import Serving

HOLDS_SECONDS = 60.0
_MOST = 6


def too_much(found: Sequence[Excess], served: Collection[str] | None) -> tuple[Excess, ...]:
    """What of it goes beyond reading the served schemas; None where it is not known which they are: then no schema is too much."""
    return tuple(one for one in found if not one.schema or (served is not None and one.schema not in served))


def account_problem(engine: str, excesses: Sequence[Excess]) -> Problem | None:
    """DM5011, a warning that names all of it and the statements that mend it; None where there is nothing. For admins: it names the warehouse's own."""
    if not excesses:
        return None
    told = "; ".join(one.what for one in excesses[:_MOST]) + (f"; and {len(excesses) - _MOST} more" if len(excesses) > _MOST else "")
    mends = " ".join(dict.fromkeys(one.mend for one in excesses if one.mend))
    message = f"the account by which {engine} is read may do more than it needs: it {told}"
    return Problem(
        "DM5011", message, Severity.WARNING, hint=f"run as an administrator of the engine: {mends}" if mends else "use another account"
    )


class ReaderAccounts:
    """What the accounts of a process's engines may do, asked at most once a minute each."""

    def __init__(self, engines: Mapping[str, Engine], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engines = engines
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, tuple[Excess, ...]]] = {}

    def of(self, name: str) -> tuple[Excess, ...]:
        """What the engine's account may do; of one that does not tell what it told last, nothing where it never did."""
        with self._lock:
            asked_at, known = self._held.get(name, (float("-inf"), ()))
            if self._clock() - asked_at >= HOLDS_SECONDS:
                try:
                    known = tuple(self._engines[name].account())
                except DataMindError:
                    return known
                self._held[name] = (self._clock(), known)
            return known

    def problem(self, name: str, serving: Serving) -> Problem | None:
        """DM5011 where the engine's account may do more than read what is served now."""
        try:
            layer, ontology, _ = serving.governed()
        except DataMindError:
            return account_problem(name, too_much(self.of(name), None))
        return account_problem(name, too_much(self.of(name), served_schemas(ontology, layer.placement(name))))
