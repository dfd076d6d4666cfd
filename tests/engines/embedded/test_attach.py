"""Finding a stack that another process runs, and being told when a directory is taken."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from app.adapters.embedded.stack import Part, attach, start
from app.errors import UserError


def test_another_process_attaches_and_a_second_start_is_refused(tmp_path: Path, launch: Callable[..., object]) -> None:
    launched = launch(tmp_path, [Part.REDIS])
    running = attach(tmp_path)
    assert running is not None
    assert running.launcher == launched.process.pid
    assert running.urls == launched.said["urls"]
    with redis.Redis.from_url(running.urls[Part.REDIS]) as queue:
        assert queue.ping()
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600

    with pytest.raises(UserError) as caught:
        start([Part.REDIS], tmp_path)
    assert caught.value.problem.code == "DM1102"
    assert str(launched.process.pid) in caught.value.problem.message
    assert "attach" in caught.value.problem.hint

    assert launched.finish() == 0
    assert attach(tmp_path) is None


def test_the_same_process_cannot_start_twice(tmp_path: Path) -> None:
    with start([Part.REDIS], tmp_path), pytest.raises(UserError) as caught:
        start([Part.REDIS], tmp_path)
    assert str(os.getpid()) in caught.value.problem.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"format": 99}',
        '{"format": 1, "ready": true, "launcher": 999999999, "started": "1", "urls": {}, "owner_urls": {}, "pids": {}}',
        json.dumps(
            {"format": 1, "ready": True, "launcher": 1, "started": "another process had this pid", "urls": {}, "owner_urls": {}, "pids": {}}
        ),
        json.dumps({"format": 1, "ready": True, "launcher": "x"}),
    ],
)
def test_stale_or_strange_state_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    assert attach(tmp_path) is None
    with start([Part.REDIS], tmp_path):
        assert attach(tmp_path) is not None
    assert attach(tmp_path) is None


def test_nothing_to_attach_to(tmp_path: Path) -> None:
    assert attach(tmp_path / "missing") is None
