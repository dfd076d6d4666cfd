"""Generated files on disk: all or nothing, and never somebody's own work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.cli.tree import GENERATED, difference, write_tree
from app.compile.emit.tree import emit
from app.errors import UserError
from app.model.ontology import Layer, Ontology

HEAD = "# Metrics of the dbt project shop, compiled by `datamind compile`.\n"
TREE = {"metrics.yaml": HEAD + "metrics: []\n", "training/ddl.yaml": HEAD + "items: []\n"}


def content(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_every_emitted_file_bears_the_header_that_we_look_for() -> None:
    for text in emit(Layer(Ontology("shop")), ()).values():
        assert GENERATED in text.encode()[:4096]


def test_a_new_folder_holds_the_tree(tmp_path: Path) -> None:
    out = tmp_path / "ontology"
    assert difference(out, TREE) == ["metrics.yaml", "training/ddl.yaml"]
    write_tree(out, TREE)
    assert content(out) == TREE
    assert difference(out, TREE) == []


def test_only_what_changed_is_written_and_what_is_generated_no_more_goes(tmp_path: Path) -> None:
    write_tree(tmp_path, {**TREE, "old.yaml": HEAD})
    os.utime(tmp_path / "metrics.yaml", (1, 1))
    later = {**TREE, "training/ddl.yaml": HEAD + "items: [1]\n"}
    assert difference(tmp_path, later) == ["old.yaml", "training/ddl.yaml"]
    write_tree(tmp_path, later)
    assert content(tmp_path) == later
    assert (tmp_path / "metrics.yaml").stat().st_mtime == 1


def test_a_merge_conflict_is_compiled_away(tmp_path: Path) -> None:
    write_tree(tmp_path, TREE)
    (tmp_path / "metrics.yaml").write_text("<<<<<<< ours\n" + TREE["metrics.yaml"] + "=======\nx\n>>>>>>> theirs\n")
    write_tree(tmp_path, TREE)
    assert content(tmp_path) == TREE


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    write_tree(tmp_path, TREE)
    (tmp_path / "metrics.yaml.new").write_text(HEAD)
    assert difference(tmp_path, TREE) == ["metrics.yaml.new"]
    write_tree(tmp_path, TREE)
    assert content(tmp_path) == TREE


@pytest.mark.parametrize(
    ("name", "text"),
    [("notes.md", "mine"), ("models.yml", "version: 2\n"), ("metrics.yaml", "version: 2\n"), ("sub/ci.yaml", "on: push\n"), ("x.yaml", "")],
)
def test_what_we_did_not_generate_stays_and_nothing_is_written(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError) as raised:
        write_tree(tmp_path, TREE)
    assert raised.value.problem.code == "DM1040"
    assert name in raised.value.problem.message
    assert content(tmp_path) == {name: text}


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UserError) as raised:
            write_tree(out, TREE)
        assert raised.value.problem.code == "DM1040"
    (tmp_path / "taken" / "metrics.yaml").mkdir(parents=True)
    with pytest.raises(UserError) as raised:
        write_tree(tmp_path / "taken", TREE)
    assert raised.value.problem.code == "DM1040"
