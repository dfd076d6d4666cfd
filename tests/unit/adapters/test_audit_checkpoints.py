"""The file of checkpoints: when one is written, that it is only added to, and what becomes of a file that can't be written."""

from __future__ import annotations

import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog

from app.adapters.audit_checkpoints import CheckpointFile
from app.errors import UserError
from app.model.audit.chain import GENESIS, AuditRecord, Checkpoint, Key, Keys, sealed
from app.model.audit.event import AuditEvent

KEYS = Keys(Key(b"k" * 32))
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def record(sequence: int, project_id: str = "p") -> AuditRecord:
    return sealed(AuditEvent("aud", project_id, NOW, "query.execute", "u", "c", "begin"), sequence, GENESIS, KEYS)


def numbers(file: CheckpointFile, project_id: str = "p") -> list[int]:
    return [one.sequence if isinstance(one, Checkpoint) else -one for one in file.read(project_id)]


def test_one_is_written_every_so_many_records_and_at_the_end(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "logs" / "audit.log", KEYS, records=5, seconds=3600)
    for sequence in range(1, 13):
        file.came_to(record(sequence), 1)
    assert numbers(file) == [5, 10]
    file.close()
    assert numbers(file) == [5, 10, 12]
    file.close()
    assert numbers(file) == [5, 10, 12]


def test_one_is_written_after_so_long_without_another_record(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "audit.log", KEYS, seconds=0.05)
    file.came_to(record(1), 1)
    file.came_to(record(7, "q"), 1)
    end = time.monotonic() + 20
    while numbers(file) != [1] or numbers(file, "q") != [7]:
        assert time.monotonic() < end
        time.sleep(0.01)
    file.close()
    assert numbers(file) == [1]


def test_several_writers_leave_whole_lines(tmp_path: Path) -> None:
    files = [CheckpointFile(tmp_path / "audit.log", KEYS, records=1) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: files[number % 8].came_to(record(number + 1), 1), range(200)))
    assert sorted(numbers(files[0])) == list(range(1, 201))


def test_a_torn_line_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    file = CheckpointFile(path, KEYS, records=1)
    file.came_to(record(1), 1)
    with path.open("ab") as torn:
        torn.write(b'{"project_id":"p","seq')
    file.came_to(record(2), 1)
    assert numbers(file) == [1, -2, 2]


def test_a_file_that_cannot_be_written_is_told_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.write_text("a file where the folder should be")
    file = CheckpointFile(folder / "audit.log", KEYS, records=1, seconds=3600)
    with structlog.testing.capture_logs() as logs:
        file.came_to(record(1), 1)
        file.came_to(record(2), 1)
    assert [line["code"] for line in logs] == ["DM8081"]  # one line for each cause
    assert not file.health().up
    assert "checkpoints of the audit trail can't be written" in file.health().detail
    folder.unlink()
    file.came_to(record(3), 1)
    assert file.health().up
    assert numbers(file) == [3]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.symlink_to("/dev/full")
    file = CheckpointFile(path, KEYS, records=1, seconds=3600)
    with structlog.testing.capture_logs():
        file.came_to(record(1), 1)
    assert "No space left" in file.health().detail


def test_a_file_that_cannot_be_opened_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        numbers(CheckpointFile(tmp_path, KEYS))
    assert caught.value.problem.code == "DM8082"
    assert numbers(CheckpointFile(tmp_path / "none", KEYS)) == []


def test_a_later_process_goes_on_behind_an_earlier_one(tmp_path: Path) -> None:
    for sequence in (1, 2):
        file = CheckpointFile(tmp_path / "audit.log", KEYS)
        file.came_to(record(sequence), 1)
        file.close()
    assert [json.loads(line)["sequence"] for line in (tmp_path / "audit.log").read_text().splitlines()] == [1, 2]
