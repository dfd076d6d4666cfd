"""Question → answer through the whole pipeline, audit included, and each stage's share."""

from __future__ import annotations

import statistics
from typing import Any

from app.cli.demo.questions import QUESTIONS
from app.service.ask import ask
from benchmarks.demo import running
from benchmarks.measure import p50, p95, timed
from benchmarks.options import Options

TIMES = 15


def measure(options: Options) -> dict[str, Any]:
    """p50 and p95 in ms over the demo's questions on each engine; the median of each stage; ours ÷ the engine's own time."""
    figures: dict[str, Any] = {}
    with running(options.scale) as (_settings, servers, deps, caller):
        for engine in servers.engines:
            samples: list[float] = []
            overhead: list[float] = []
            stages: dict[str, list[float]] = {}
            for question in QUESTIONS:
                ask(deps, caller, question, source=engine)
                for _ in range(TIMES):
                    turns: list[Any] = []
                    took = timed(  # type: ignore[misc]  # mypy can not infer defaults of a lambda
                        lambda question=question, turns=turns, engine=engine: turns.append(ask(deps, caller, question, source=engine))
                    )
                    samples.append(took)
                    for stage in turns[0].stages:
                        stages.setdefault(stage.stage, []).append(stage.ms)
                    ran = next(stage.ms for stage in turns[0].stages if stage.stage == "execute")
                    overhead.append(took / ran)
            figures[engine] = {
                "p50_ms": p50(samples),
                "p95_ms": p95(samples),
                "whole_over_execute_ratio": round(statistics.median(overhead), 2),
                **{f"{name}_p50_ms": p50(sample) for name, sample in stages.items()},
            }
    return figures
