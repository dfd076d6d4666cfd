"""Training: the items of 3,000 models and 2,000 metrics into the index, all of them and after one changed, and searches in it."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.model.records import TrainingItem, TrainingKind
from app.service.training import Trained, train
from app.settings import load_settings
from app.wiring.deps import opened
from app.wiring.servers import servers
from benchmarks.measure import p50, peak_mb, timed
from benchmarks.options import Options

MODELS, METRICS, DIMENSIONS = 3_000, 2_000, 10_000
WORDS = (
    *("order", "customer", "product", "invoice", "payment", "visit", "campaign", "supplier"),
    *("shipment", "refund", "subscription", "region", "channel", "store", "basket"),
)


def measure(options: Options) -> dict[str, Any]:
    """The figures that README.md names."""
    items = tuple(_items())
    changed = (*items[:-1], _with_id(replace(items[-1], content=f"{items[-1].content}\nNow otherwise.")))
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), store_url=None, vector_url=None)
        with servers(settings, [Part.STORE], progress=lambda _line: None) as found, opened(settings, found) as deps:
            migrate(found.store)
            full_s, full = _timed(lambda: train(deps, "first", items)[0])
            again_s, again = _timed(lambda: train(deps, "first", items)[0])
            one_s, one = _timed(lambda: train(deps, "second", changed)[0])
            by_id = {item.id: item for item in changed}
            ask = lambda: deps.retriever.recall("how many refunds per region", 10, lambda ids: {i: by_id[i] for i in ids if i in by_id})  # noqa: E731
            ask()
            search_ms = p50([timed(ask) for _ in range(4 * options.rounds)])
    right = (full, again, one) == (Trained(len(items), 0, 0), Trained(0, 0, len(items)), Trained(1, 0, len(items)))
    return {
        "items": len(items),
        "full_s": round(full_s, 2),
        "unchanged_s": round(again_s, 3),
        "one_changed_s": round(one_s, 3),
        "one_changed_ratio": round(full_s / one_s, 1),
        "search_ms": search_ms,
        "peak_mb": peak_mb(),
        "failed": {} if right else {"counts": [str(full), str(again), str(one)]},
    }


def _timed(run: Callable[[], Trained]) -> tuple[float, Trained]:
    """How many seconds it took, and what it gave."""
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def _items() -> list[TrainingItem]:
    """Tables of 20 columns, metrics and dimensions, with texts as a project has them."""
    made = []
    for n in range(MODELS):
        columns = ",\n".join(f"  {_word(n + i)}_{_word(n * i)}_{i} numeric  -- The {_word(i)} of the {_word(n)}." for i in range(20))
        content = f"-- Each {_word(n)} with its {_word(n // 15)}.\ncreate table marts.{_word(n)}_{n} (\n{columns}\n)"
        made.append(TrainingItem("", TrainingKind.DDL, content, subject=f"{_word(n)}_{n}"))
    for n in range(DIMENSIONS):
        text = f"Dimension {_word(n)}__{_word(n // 7)}_{n}, categorical\nThe {_word(n // 7)} of the {_word(n)}.\nOne of: open, closed, void"
        made.append(TrainingItem("", TrainingKind.DOCUMENTATION, text, subject=f"dimension.{n}"))
    for n in range(METRICS):
        text = f"Metric {_word(n)}_{_word(n // 9)}_{n}\nHow much of the {_word(n // 9)} each {_word(n)} had.\nType: simple. Formula: sum(amount_{n})"
        made.append(TrainingItem("", TrainingKind.DOCUMENTATION, text, subject=f"metric.{n}"))
    return [_with_id(item) for item in made]


def _with_id(item: TrainingItem) -> TrainingItem:
    return replace(item, id=hashlib.sha256(f"{item.subject}\0{item.content}".encode()).hexdigest())


def _word(n: int) -> str:
    return WORDS[n % len(WORDS)]
