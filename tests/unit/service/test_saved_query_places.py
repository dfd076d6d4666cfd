"""A saved query that can't be answered is a warning at the line of the part for which it can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import Problem
from app.service.compile import compile_source
from tests.unit.compile.conftest import Project, where

FILE = "models/saved.yml"


class Held:
    """A project that was read already."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        return [self.project.target()], ProjectSources(self.project.files)


def warned(text: str, params: Mapping[str, Any]) -> tuple[Problem, str]:
    """The warning for the saved query, and the text of its line."""
    project = Project().orders().spine()
    project.files[FILE] = "saved_queries:\n  - name: q\n    query_params:\n" + text
    project.manifest["saved_queries"]["q"] = {"name": "q", "original_file_path": FILE, "query_params": {"metrics": ["revenue"], **params}}
    project.manifest["saved_queries"]["fine"] = {
        "name": "fine",
        "query_params": {"metrics": ["revenue"], "group_by": ["metric_time__month"]},
    }
    result = compile_source(Held(project))
    assert [s.name for s in result.layer.ontology.saved_queries] == ["fine", "q"]
    assert len(result.examples) == 1
    (problem,) = result.problems
    assert problem.where is not None
    return problem, project.files[FILE].splitlines()[problem.where.line - 1].strip()


@pytest.mark.parametrize(
    ("text", "params", "line"),
    [
        (
            "      group_by:\n        - Dimension('order__status')\n        - Dimension('order__nope')\n",
            {"group_by": ["Dimension('order__status')", "Dimension('order__nope')"]},
            "- Dimension('order__nope')",
        ),
        (
            "      metrics: [revenue]\n      where: \"{{ Dimension('order__nope') }} = 1\"\n",
            {"where": where("{{ Dimension('order__nope') }} = 1")},
            "where: \"{{ Dimension('order__nope') }} = 1\"",
        ),
        (
            "      where:\n        - order__status = 'x'\n        - order__status = (select 1)\n",
            {"where": where("order__status = 'x'", "order__status = (select 1)")},
            "- order__status = (select 1)",
        ),
        ("      order_by:\n        - nope\n", {"order_by": ["nope"]}, "- nope"),
        (
            "      group_by:\n        - metric_time__hour\n      where: order__status = 'x'\n",
            {"group_by": ["metric_time__hour"], "where": where("order__status = 'x'")},
            "- metric_time__hour",
        ),
    ],
)
def test_the_line_of_the_part(text: str, params: Mapping[str, Any], line: str) -> None:
    problem, said = warned(text, params)
    assert problem.code == "DM2090"
    assert said == line


@pytest.mark.parametrize(
    ("text", "filters", "word"),
    [
        ("      where: \"order__status = 'x' and {{ Dimension('order__nope') }} = 1\"\n", ["order__status = 'x' and {{ Dimension('order__nope') }} = 1"], "order__nope"),
        ("      where:\n        - >-\n          order__status = 'x'\n          or metric_time > 'soon'\n", ["order__status = 'x' or metric_time > 'soon'"], "'soon'"),
        ("      where:\n        - order__status = 'x'\n        - order__status = sum(1)\n", ["order__status = 'x'", "order__status = sum(1)"], "sum(1)"),
    ],
)  # fmt: skip
def test_the_word_of_a_filter(text: str, filters: list[str], word: str) -> None:
    problem, _ = warned(text, {"where": where(*filters)})
    assert problem.where is not None
    lines = ("saved_queries:\n  - name: q\n    query_params:\n" + text).splitlines()
    assert lines[problem.where.line - 1][problem.where.column - 1 :].startswith(word)
