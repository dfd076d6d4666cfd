"""Charts are drawn by a process of their own, without any network, and what goes wrong there goes no further."""

from __future__ import annotations

import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.adapters.charts import VegaCharts, vega
from app.errors import DataMindError

SPEC: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "results"},
    "datasets": {"results": [{"a": "Zürich", "b": 1.5}, {"a": "دبي", "b": 2}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
    "width": 760,
    "height": 340,
}


def program(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "draw.py"
    path.write_text(text)
    return path


def code(charts: VegaCharts) -> str:
    with pytest.raises(DataMindError) as caught:
        charts.png(SPEC)
    return caught.value.problem.code


def test_a_chart() -> None:
    made = VegaCharts().png(SPEC)
    picture = Image.open(io.BytesIO(made))
    assert picture.format == "PNG"
    assert picture.width >= 2 * SPEC["width"]
    assert picture.height >= 2 * SPEC["height"]
    assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 3
    assert VegaCharts().png(SPEC) == made


def test_letters_of_other_scripts_are_drawn_apart() -> None:
    """Where a font lacks them, all of them are the same box."""

    def of(text: str) -> bytes:
        return VegaCharts().png({**SPEC, "datasets": {"results": [{"a": text, "b": 1}]}})

    assert of("ب") != of("ج")


def test_no_address_is_read(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:9/x.json", "https://example.com/x.json"):
        with pytest.raises(DataMindError) as caught:
            VegaCharts().png({**SPEC, "data": {"url": url}})
        assert caught.value.problem.code == "DM8086"
    secret = tmp_path / "rows.json"
    secret.write_text(json.dumps([{"a": "x" * 9, "b": 5}] * 3))
    empty = VegaCharts().png({**SPEC, "data": {"values": []}})
    try:
        read = VegaCharts().png({**SPEC, "data": {"url": secret.as_uri()}})
    except DataMindError:
        return
    assert read == empty


@pytest.mark.parametrize(
    "text", ["import os; os.abort()", "print('no picture')", "import sys; sys.exit(1)", "import sys; sys.stdout.write('x' * 20_000_000)"]
)
def test_what_fails_is_a_problem(tmp_path: Path, text: str) -> None:
    assert code(VegaCharts(program=program(tmp_path, text))) == "DM8086"


def test_what_hangs_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    assert code(VegaCharts(program=program(tmp_path, "import time; time.sleep(60)"), seconds=0.5)) == "DM8086"
    assert time.monotonic() - began < 10


def test_no_more_are_drawn_at_a_time_than_may_be(tmp_path: Path) -> None:
    charts = VegaCharts(most=1, wait_seconds=0.1, seconds=3, program=program(tmp_path, "import time; time.sleep(60)"))
    first = threading.Thread(target=lambda: code(charts))
    first.start()
    time.sleep(0.5)
    assert code(charts) == "DM8087"
    first.join()
    assert code(charts) == "DM8086"


def test_no_secret_of_ours_is_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_SECRET_KEY", "k" * 48)
    out = tmp_path / "environment"
    assert code(VegaCharts(program=program(tmp_path, f"import os; open({str(out)!r}, 'w').write(str(dict(os.environ)))"))) == "DM8086"
    assert "kkk" not in out.read_text()
    assert "'TZ': 'UTC'" in out.read_text()


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vega, "NEEDED", ("no_such_library",))
    assert code(VegaCharts()) == "DM8085"
