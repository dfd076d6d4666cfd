"""Variables of the project that code reads which was only parsed."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.diff.report import Kind
from app.compile.diff.template_text import reader_of
from app.compile.variables import changed_variables
from app.compile.yaml_load import NotYaml
from app.service.diff import Comparison, State, compare
from tests.unit.compile.conftest import Project

START = "select * from raw where day >= '{{ var(\"start\") }}'"
OLD, NEW = ("name: shop\nvars:\n  start: 2020-01-01\n  kept: 1\n", "name: shop\nvars:\n  start: 2024-01-01\n  kept: 1\n")


def side(raw: str, macro: str = "", **node: Any) -> tuple[TargetArtifacts, ...]:
    project = Project().orders()
    calls = {"depends_on": {"macros": ["macro.shop.since"]}} if macro else {}
    project.manifest["nodes"]["model.shop.orders"] |= {"raw_code": raw} | calls | node
    if macro:
        known = {"unique_id": "macro.shop.since", "name": "since", "package_name": "shop", "macro_sql": macro}
        project.manifest["macros"] = {"macro.shop.since": known}
    return (TargetArtifacts("postgres", project.data()),)


def compared(targets: tuple[TargetArtifacts, ...], old: str | None = OLD, new: str = NEW) -> Comparison:
    return compare(targets, ProjectSources({"dbt_project.yml": new}), [State("prod", targets, old)])


@pytest.mark.parametrize("targets", [side(START), side("{{ since() }}", START), side("select {{ var(prefix ~ 'start') }}")])
def test_a_variable_of_another_value_is_possibly_meaning(targets: tuple[TargetArtifacts, ...]) -> None:
    found = compared(targets).report
    assert [(change.subject, change.kind, change.possible) for change in found.changes] == [("model.orders", Kind.MEANING, True)]
    assert not compared(targets, NEW).report.changes


@pytest.mark.parametrize("targets", [side("{{ var('kept') }}"), side("{{ env_var('start') }}"), side(START, compiled_code="select 1")])
def test_what_does_not_read_it_or_shows_what_it_gave_is_the_same(targets: tuple[TargetArtifacts, ...]) -> None:
    report = compared(targets).report
    assert (report.changes, report.notes) == ((), ())


@pytest.mark.parametrize("old", [None, "vars: ["])
def test_what_can_not_be_seen_is_noted(old: str | None) -> None:
    assert any("`var(…)`" in note for note in compared(side(START), old).report.notes)
    assert not compared(side("select 1"), old).report.notes
    assert not compared(side(START, compiled_code="select 1"), old).report.notes


def test_variables_of_packages_and_those_given_beside_the_file() -> None:
    def sources(text: str, **given: Any) -> ProjectSources:
        return ProjectSources({"dbt_project.yml": text}, given)

    assert changed_variables(sources(OLD), sources(NEW)) == {"start"}
    assert changed_variables(sources(OLD), sources(OLD, start="x", more=1)) == {"start", "more"}
    assert changed_variables(sources("vars: {pkg: {a: 1, b: 2}}"), sources("vars: {pkg: {a: 2, b: 2}}")) == {"pkg", "a"}
    assert changed_variables(sources("vars:"), sources("a: 1")) == frozenset()
    with pytest.raises(NotYaml):
        changed_variables(sources("["), sources(""))


def test_readers() -> None:
    reads = reader_of(["start"])
    assert reads("{{ var('start', 1) }}")
    assert reads("{{ var ( name ) }}")
    assert reads("{% if var.has_var('start') %}")
    assert not reads("{{ var('started') }}")
    assert not reader_of([])("{{ var(name) }}")
