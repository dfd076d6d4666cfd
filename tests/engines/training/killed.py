"""A sync that is killed at a step: `python -m tests.engines.training.killed STEP`, with everything else in the environment."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from app.adapters.bus.silent import SilentBus
from app.adapters.store.training import StoredTraining
from app.adapters.vanna.layer_vanna import LayerVanna
from app.adapters.vanna.retriever import VannaRetriever
from app.service import training
from app.service.sync import sync
from app.settings import load_settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.engines.training.place import FORCED

STEPS: dict[str, tuple[type, str, int]] = {
    "published, nothing stored": (StoredTraining, "keep", 0),
    "stored, index not asked": (VannaRetriever, "ids", 0),
    "nothing learnt": (VannaRetriever, "learn", 0),
    "a batch is learnt": (VannaRetriever, "learn", 1),
    "a batch is learnt and not written": (LayerVanna, "flush", 1),
    "all learnt, nothing forgotten": (VannaRetriever, "forget", 0),
    "all forgotten": (VannaRetriever, "keep_only", 0),
}
"""Where the process dies: before that call of the function, counted from 0."""


def killing(function: Callable[..., Any], after: int) -> Callable[..., Any]:
    """The function, at whose call number `after` the process is gone."""
    calls = iter(range(after + 1))

    def killed(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return killed


def main() -> None:
    owner, name, after = STEPS[sys.argv[1]]
    setattr(owner, name, killing(getattr(owner, name), after))
    training.BATCH = 3
    training.LAYERS = 1
    with opened(load_settings(), Servers(store=os.environ["DATAMIND_STORE_URL"])) as deps:
        assert isinstance(deps.bus, SilentBus)
        sync(deps, FORCED)


if __name__ == "__main__":
    main()
