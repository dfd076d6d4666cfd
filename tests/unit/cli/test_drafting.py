"""`datamind suggest` and `datamind metrics` on a project on disk: what goes where, and whose work is left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.cli.drafted import write_new, write_over
from app.errors import UserError
from tests.support.console import Ended, run_here
from tests.support.odd_project import PROJECT

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_", "FORCE_COLOR"))}


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """The project as dbt 1.12 has parsed it."""
    for path, text in PROJECT.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    target = tmp_path / "target" / "postgres"
    target.mkdir(parents=True)
    (target / "manifest.json").write_bytes((ROOT / "fixtures" / "dbt_suggested" / "before.json").read_bytes())
    return tmp_path


def datamind(folder: Path, *words: str) -> Ended:
    return run_here(("datamind", *words), folder, ENVIRONMENT | {"DATAMIND_ENGINES": '["postgres"]', "DATAMIND_DBT_PROJECT_PATH": "."})


def test_a_draft_on_standard_output_is_yaml_with_the_spine_as_a_comment(odd: Path) -> None:
    ended = datamind(odd, "suggest")
    assert (ended.code, ended.err) == (0, "")
    assert {model["name"] for model in YAML(typ="safe").load(ended.out)["models"]} == {"people", "orders", "notes", "metricflow_time_spine"}
    assert "#   from generate_series" in ended.out


def test_a_new_file_and_the_spine_beside_it(odd: Path) -> None:
    ended = datamind(odd, "suggest", "--dbt-version", "1.11", "--out", "models/new/drafted.yml")
    assert ended.code == 0, ended.err
    assert "semantic_models" in YAML(typ="safe").load((odd / "models/new/drafted.yml").read_text())
    assert "generate_series" in (odd / "models/new/metricflow_time_spine.sql").read_text()
    again = datamind(odd, "suggest", "--dbt-version", "1.11", "--out", "models/new/drafted.yml")
    assert again.code == 1
    assert "DM2354" in again.err


def test_drafts_are_put_into_the_entries_of_their_models(odd: Path) -> None:
    ended = datamind(odd, "suggest", "--merge")
    assert ended.code == 0, ended.err
    for name in ("models.yml", "drafted.yml"):
        assert (odd / "models" / name).read_text() == (ROOT / "fixtures" / "dbt_suggested" / name).read_text()
    assert (odd / "models" / "metricflow_time_spine.sql").is_file()


def test_versions_with_semantic_models_of_their_own_are_not_merged(odd: Path) -> None:
    ended = datamind(odd, "suggest", "--merge", "--dbt-version", "1.11")
    assert ended.code == 2
    assert (odd / "models" / "models.yml").read_text() == PROJECT["models/models.yml"]


def test_entries_that_stand_elsewhere_are_told(odd: Path) -> None:
    ended = datamind(odd, "suggest", "--out", "models/drafted.yml")
    assert ended.code == 0
    assert "--merge" in ended.err


def test_a_program_gets_one_object(odd: Path) -> None:
    found = json.loads(datamind(odd, "suggest", "--json", "-s", "path:models/people.sql").out)
    assert (found["dbt_version"], found["models"], found["files"]) == ("1.12", ["people"], [])
    assert "generate_series" in found["time_spine"]
    assert found["yaml"].startswith("# Drafted")


def test_what_is_selected_in_vain_is_told(odd: Path) -> None:
    ended = datamind(odd, "suggest", "-s", "poeple")
    assert ended.code == 1
    assert "DM2353" in ended.err
    assert "did you mean" in ended.err


def test_what_is_derived_is_nothing_for_dbt_to_stand_on(odd: Path) -> None:
    words = ("metrics", "new", "--template", "aov", "per_order", "--numerator", "people_count", "--denominator", "orders_count")
    ended = datamind(odd, *words, "--file", "models/metrics.yml")
    assert ended.code == 1
    assert "dbt does not know it" in ended.err
    assert not (odd / "models" / "metrics.yml").exists()


def test_the_templates_are_listed(odd: Path) -> None:
    listed = json.loads(datamind(odd, "metrics", "templates", "--json").out)
    assert [one["name"] for one in listed] == ["aov", "churn", "conversion", "growth", "retention", "share"]


def test_a_file_keeps_its_line_ends_and_its_mark(tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    write_over(file, "a: 1\nb: 2\n", "a: 1\nc: 3\nb: 2\n")
    assert file.read_bytes() == b"\xef\xbb\xbfa: 1\r\nc: 3\r\nb: 2\r\n"


@pytest.mark.parametrize(
    ("content", "before", "why"),
    [
        (b"a: 2\n", "a: 1\n", "changed meanwhile"),
        (b"a: \xff\n", "a: 1\n", "not UTF-8"),
        (b"a: 1\r\nb: 2\n", "a: 1\nb: 2\n", "several ways"),
    ],
)
def test_a_file_that_is_another_by_now_stays(tmp_path: Path, content: bytes, before: str, why: str) -> None:
    file = tmp_path / "f.yml"
    file.write_bytes(content)
    with pytest.raises(UserError, match=why):
        write_over(file, before, f"{before}c: 3\n")
    assert file.read_bytes() == content


def test_a_file_keeps_its_mode_and_stays_where_a_link_leads(tmp_path: Path) -> None:
    file, link = tmp_path / "f.yml", tmp_path / "link.yml"
    file.write_text("a: 1\n", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    write_over(link, "a: 1\n", "a: 1\nb: 2\n")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "a: 1\nb: 2\n"
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_can_not_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for write in (lambda: write_new(tmp_path / "file" / "f.yml", "x"), lambda: write_over(tmp_path / "none.yml", "", "x")):
        with pytest.raises(UserError) as raised:
            write()
        assert raised.value.problem.code == "DM2354"
