"""Runs dbt commands, one after the other, in a process of its own: dbt keeps global state, and importing it takes seconds.

Requests come as JSON lines on stdin (`args`, `env`), answers go as JSON lines to the stdout that the process was started with: `line` with
`level` for what dbt says, then `success`. When stdin ends, the process ends, even in the middle of a command.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import IO, Any


def main() -> int:
    """Serve commands until stdin ends."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever started us ignores it
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what dbt prints comes through its events already
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    try:
        from dbt.cli.main import dbtRunner
    except ImportError:
        _say(answers, missing=True)
        return 1
    while True:
        request = requests.get()
        os.environ.update(request["env"])
        failure, told = "", _Told(answers)
        try:
            outcome = dbtRunner(callbacks=[told]).invoke(request["args"])
            success = bool(outcome.success)
            failure = "" if outcome.exception is None else str(outcome.exception)
            broken = outcome.exception is not None
        except (SystemExit, KeyboardInterrupt) as ended:  # click, for an option that does not exist; or somebody cancelled
            success, broken, failure = False, True, f"dbt ended: {ended or type(ended).__name__}"
        if failure and not told.error:
            _say(answers, level="error", line=failure)
        _say(answers, success=success, broken=broken)


def _listen(requests: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


class _Told:
    """Passes on what dbt would show a person; `error` says that an error was among it."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers = answers
        self.error = False

    def __call__(self, event: Any) -> None:
        level = str(event.info.level)
        self.error = self.error or level == "error"
        if level in ("info", "warn", "error") and event.info.msg.strip():
            _say(self._answers, level=level, line=event.info.msg)


def _say(answers: IO[str], **fields: object) -> None:
    answers.write(json.dumps(fields) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
