"""`benchmarks/run NAME [--json]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from typing import Any

from benchmarks.options import Options

NAMES = {
    "compile": "dbt artifacts → layer and metric query → SQL, beside MetricFlow in an environment of its own",
    "commands": "validate, diff and lineage of a large project, whole processes, beside Python's json reading its manifest",
    "query": "metric query → SQL on the demo",
    "govern": "stage 5 on a query of 50 lines, and the barrier under each table, beside the plain query",
    "gateway": "a metric query and SQL through the gateway, beside the bare driver",
    "training": "training items → the index, all of them and one changed, and searches in it",
    "sync": "a whole sync of 3,000 models and 2,000 metrics, and with one metric changed",
    "audit": "audit records a second on disk, by processes and callers, and verified",
    "timing": "what the time of an answer tells of rows that are hidden: twins that differ in them alone",
    "language": "questions read by the lexicon of 1,000 metrics and 50,000 values, and how long that takes to build",
    "ask": "question → answer, and each stage's share",
}


def main() -> int:
    """Run one benchmark and print its figures; 1 where something of ours failed."""
    parser = argparse.ArgumentParser(prog="benchmarks/run", description="\n".join(f"{name}: {what}" for name, what in NAMES.items()))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="the demo's size, where it is asked")
    parser.add_argument("--rounds", type=int, default=5, help="compile: how many fresh processes measure the same (default: 5)")
    parser.add_argument("--slow-peer", action="store_true", help="compile: have MetricFlow answer 70 metrics by 100 dimensions too")
    given = parser.parse_args()
    figures = import_module(f"benchmarks.{given.name}").measure(Options(given.scale, given.rounds, given.slow_peer))
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    show(figures)
    if given.json:
        print(json.dumps({"benchmark": given.name, **figures, **machine}))
    return 1 if figures.get("failed") or figures.get("explosion_failed") else 0


def show(figures: dict[str, Any], indent: str = "") -> None:
    """The figures as a table."""
    width = max((len(name) for name in figures), default=0)
    for name, value in figures.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        elif isinstance(value, dict):
            print(f"{indent}{name:<{width}}  {', '.join(f'{inner} {figure}' for inner, figure in value.items()) or '–'}")
        else:
            print(f"{indent}{name:<{width}}  {'–' if value is None else value}")


if __name__ == "__main__":
    sys.exit(main())
