"""Run as a script by the tests: `launcher.py DIRECTORY PART…` starts a stack, prints what it is as JSON, and stops it when its input closes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.adapters.embedded.stack import Part, start
from app.errors import UserError


def main() -> int:
    try:
        stack = start([Part(name) for name in sys.argv[2:]], Path(sys.argv[1]))
    except UserError as error:
        print(json.dumps({"code": error.problem.code, "message": error.problem.message}), flush=True)
        return 1
    with stack:
        print(json.dumps({"urls": stack.urls, "owner_urls": stack.owner_urls, "pids": stack.pids}), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
