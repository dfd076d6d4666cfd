"""`benchmarks/run NAME [--json]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module

NAMES = {
    "compile": "dbt artifacts → layer: the demo and each corpus manifest, beside reading the JSON alone and dbt's own reader",
    "query": "metric query → SQL on the demo",
    "gateway": "a metric query and SQL through the gateway, beside the bare driver",
    "ask": "question → answer, and each stage's share",
}


def main() -> int:
    """Run one benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks/run", description="\n".join(f"{name}: {what}" for name, what in NAMES.items()))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="the demo's size, where it is asked")
    given = parser.parse_args()
    figures = import_module(f"benchmarks.{given.name}").measure(given.scale)
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    for name, value in figures.items():
        if isinstance(value, dict):
            print(name)
            for inner, figure in value.items():
                print(f"  {inner}: {figure}")
        else:
            print(f"{name}: {value}")
    if given.json:
        print(json.dumps({"benchmark": given.name, **figures, **machine}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
