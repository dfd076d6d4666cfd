"""Every golden question is well formed and names what its project has, and each set is as large as it must be."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest

from app.compile.yaml_load import load_yaml
from tests.support import golden_questions as golden

ROOT = Path(__file__).resolve().parents[3]
PROJECTS = {"demo": ROOT / "dbt_project"} | {name: ROOT / "tests" / "projects" / name for name in golden.SETS if name != "demo"}
CATEGORIES = ("time", "group", "filter", "top", "compare", "share", "having", "multi-metric", "follow-up", "typos")
LEAST = {
    "demo": {"answerable": 150, "ambiguous": 40, "unanswerable": 60, "category": 12},
    "clinics": {"answerable": 60, "ambiguous": 15, "unanswerable": 20, "category": 5},
    "utility": {"answerable": 60, "ambiguous": 15, "unanswerable": 20, "category": 4},
    "freight": {"answerable": 90, "ambiguous": 20, "unanswerable": 25, "category": 6},
    "hotel": {"answerable": 90, "ambiguous": 20, "unanswerable": 25, "category": 6},
}
FIELDS = {
    "id",
    "question",
    "today",
    "kind",
    "category",
    "context",
    "metrics",
    "group_by",
    "where",
    "order",
    "ordered",
    "columns",
    "rows",
    "alts",
}
OPTIONAL = {"having", "limit", "time", "compare", "language", "sql"}
OF_KIND = {"answerable": {"sql"}, "ambiguous": {"candidates", "reason"}, "unanswerable": {"reason", "why", "nearest"}}
OPERATORS = {"=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null"}
GRAINS = {"day", "week", "month", "quarter", "year"}
_NAME = re.compile(r"\b[a-z]\w*__\w+\b")


class Names:
    """The names of a project, read from its YAML files: what dbt makes of them is not looked at here."""

    def __init__(self, project: Path) -> None:
        self.metrics: set[str] = set()
        self.dimensions: set[str] = set()
        for path in sorted((project / "models").rglob("*.yml")):
            found = load_yaml(path.read_text(encoding="utf-8"))
            self.metrics |= {metric["name"] for metric in found.get("metrics", [])}
            for model in found.get("semantic_models", []):
                entity = next(one["name"] for one in model["entities"] if one["type"] == "primary")
                self.dimensions |= {f"{entity}__{one['name']}" for one in model.get("dimensions", [])}

    def known(self, item: str) -> bool:
        """Whether a query may group by the item."""
        return item in self.dimensions or item.removeprefix("metric_time__") in GRAINS | {"extract_dow"}


@pytest.fixture(params=golden.SETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lines(name: str) -> list[golden.Line]:
    return golden.read(name)


@pytest.fixture
def names(name: str) -> Names:
    return Names(PROJECTS[name])


def test_every_line_has_the_fields_of_its_kind(lines: list[golden.Line]) -> None:
    for line in lines:
        wanted = FIELDS | OF_KIND[line["kind"]]
        assert wanted <= line.keys() <= wanted | OPTIONAL, line["id"]
        assert line["question"].strip(), line["id"]
        dt.date.fromisoformat(line["today"])


def test_ids_and_questions_are_unique(name: str, lines: list[golden.Line]) -> None:
    assert len({line["id"] for line in lines}) == len(lines)
    assert all(line["id"].startswith(f"{name}-") for line in lines)
    asked = Counter((line["question"].lower(), str(line["context"])) for line in lines)
    assert asked.most_common(1)[0][1] == 1
    assert len({line["today"] for line in lines}) == 1, "today is fixed in a file"


def test_the_sets_are_large_enough(name: str, lines: list[golden.Line]) -> None:
    least, kinds = LEAST[name], Counter(line["kind"] for line in lines)
    assert all(kinds[kind] >= least[kind] for kind in OF_KIND), kinds
    categories = Counter(line["category"] for line in lines if line["kind"] == "answerable")
    assert set(categories) == set(CATEGORIES)
    assert all(count >= least["category"] for count in categories.values()), categories
    assert {line["category"] for line in lines if line["kind"] != "answerable"} == {"ambiguous", "unanswerable", "hostile"}
    assert sum((line.get("compare") or {}).get("type") == "top_per_group" for line in lines) >= 2


def test_what_is_asked_for_is_there(lines: list[golden.Line], names: Names) -> None:
    for line in lines:
        assert set(line["metrics"]) <= names.metrics, line["id"]
        assert all(names.known(item) for item in line["group_by"]), line["id"]
        for condition in line["where"]:
            assert condition["dimension"] in names.dimensions, line["id"]
            assert condition["op"] in OPERATORS, line["id"]
        for item in line["order"]:
            assert item["by"] in (*line["metrics"], *line["group_by"]), line["id"]
            assert item["dir"] in ("asc", "desc"), line["id"]
        words = set(re.findall(r"[a-z_]\w*", line.get("having") or "")) - {"between", "and", "or"}
        assert words <= names.metrics, line["id"]


def test_periods_are_days_in_their_order(lines: list[golden.Line]) -> None:
    for line in lines:
        time = line.get("time") or {}
        assert time.keys() <= {"start", "end", "grain", "phrase"}, line["id"]
        days = [dt.date.fromisoformat(time[end]) for end in ("start", "end") if time.get(end)]
        assert days == sorted(days), line["id"]
        assert time.get("grain") in GRAINS | {None}, line["id"]
        assert (f"metric_time__{time['grain']}" in line["group_by"]) if time.get("grain") else True, line["id"]


def test_an_answerable_question_has_rows_that_count(lines: list[golden.Line]) -> None:
    for line in lines:
        assert bool(line["metrics"]) == (line["kind"] == "answerable"), line["id"]
        for gold in golden.golds(line):
            assert gold["rows"], line["id"]
            assert all(len(row) == len(gold["columns"]) for row in gold["rows"]), line["id"]
            assert any(value for row in gold["rows"] for value in row if isinstance(value, int | float)), line["id"]
            assert gold["sql"].lower().startswith(("select ", "with ")), line["id"]
        if line["kind"] == "answerable":
            assert set(line["group_by"]) <= set(line["columns"]), line["id"]
            assert line["ordered"] == bool(line["order"]), line["id"]


def test_a_follow_up_follows_questions_of_the_set(lines: list[golden.Line]) -> None:
    asked = {line["id"]: line["question"] for line in lines}
    for line in lines:
        assert bool(line["context"]) or line["category"] != "follow-up", line["id"]
        assert all(asked[earlier["id"]] == earlier["question"] for earlier in line["context"]), line["id"]


def test_candidates_and_nearest_can_be_asked_for(lines: list[golden.Line], names: Names) -> None:
    for line in lines:
        if line["kind"] == "ambiguous":
            assert len(line["candidates"]) > 1, line["id"]
        for text in (*line.get("candidates", ()), *line.get("nearest", ())):
            first = text.split(" ")[0]
            assert first in names.metrics or line["context"], line["id"]
            assert all(names.known(item) for item in _NAME.findall(text)), line["id"]
