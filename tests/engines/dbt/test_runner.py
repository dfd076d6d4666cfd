"""dbt's commands in a child process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.runner import DbtCall, DbtProcess, run_dbt
from app.errors import InternalError, UserError

SECRET = "correct-horse-battery"


def test_a_warm_process_runs_several_commands_and_hides_credentials(tiny, tmp_path):
    target, lines = tmp_path / "target", []
    given = {"project_dir": tiny, "profiles_dir": tiny, "target": "postgres", "target_path": target, "env": {"TINY_PASSWORD": SECRET}}
    with DbtProcess() as process:
        cold = process.run(DbtCall(["parse"], **given), lines.append)
        assert cold.success, cold.messages
        assert any("I know ****" in line for line in lines), lines
        assert not any(SECRET in line for line in lines)
        assert (target / "manifest.json").is_file()
        assert not (tiny / "logs").exists()

        warm = process.run(DbtCall(["parse"], **given))
        assert warm.success
        assert warm.seconds < cold.seconds

        unknown = process.run(DbtCall(["parse"], **{**given, "target": "nowhere"}), lines.append)
        assert not unknown.success
        assert any("nowhere" in message for message in unknown.messages)
        assert not process.run(DbtCall(["no-such-command"], **given)).success

        (tiny / "models" / "two.sql").write_text("select * from {{ ref('three') }}")
        broken = process.run(DbtCall(["parse"], **given))
        assert not broken.success
        assert any("three" in message for message in broken.messages)

    artifacts, sources = DbtFolder(tiny, {"postgres": target}).read()
    assert (artifacts[0].engine, artifacts[0].manifest[:1]) == ("postgres", b"{")
    assert set(sources.files) == {"dbt_project.yml", "profiles.yml", "models/one.yml"}


def test_a_failing_engine_is_a_failed_run(tiny, tmp_path):
    run = run_dbt(["build"], tiny, tiny, "postgres", tmp_path / "target", env={"TINY_PASSWORD": SECRET})
    assert not run.success
    assert run.messages
    assert not any(SECRET in message for message in run.messages)


def test_a_process_that_dies_is_a_problem(tiny, tmp_path):
    with DbtProcess() as process:
        threading.Timer(0.5, process._child.kill).start()
        with pytest.raises(InternalError) as raised:
            process.run(DbtCall(["parse"], tiny, tiny, "postgres", tmp_path, env={"TINY_PASSWORD": SECRET}))
    assert raised.value.problem.code == "DM2061"


def test_without_dbt_installed(tiny, tmp_path, monkeypatch):
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "__init__.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with DbtProcess() as process, pytest.raises(UserError) as raised:
        process.run(DbtCall(["parse"], tiny, tiny, "postgres", tmp_path))
    assert raised.value.problem.code == "DM2060"


def test_the_child_ends_with_its_parent(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from app.adapters.dbt.runner import DbtProcess as P; import time; p = P(); print(p._child.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not running(child):
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
