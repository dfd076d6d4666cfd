"""What a rule finds in a small project, and what its fix makes of the YAML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.compile.lint.edit import edited
from app.compile.lint.rules import RULES
from app.compile.lint.run import Found, lint
from app.errors import Problem

Find = Callable[[Any, str], list[Problem]]
Mend = Callable[[Any, str], str]


def _found(project: Any, name: str) -> list[Found]:
    return lint([rule for rule in RULES if rule.name == name], project.compile().linted)


@pytest.fixture
def find() -> Find:
    """The Problems of one rule."""
    return lambda project, name: [found.problem for found in _found(project, name)]


@pytest.fixture
def mend() -> Mend:
    """The one changed file of the project after the fixes of a rule; the project has it then. Mended once, nothing is left to find."""

    def run(project: Any, name: str) -> str:
        edits = [edit for found in _found(project, name) for edit in found.edits]
        (file,) = {edit.file for edit in edits}
        text = edited(project.files[file], edits)
        assert text is not None
        project.files[file] = text
        assert _found(project, name) == []
        return text

    return run
