"""What every rule has: a name, a code of its own, words for people, tests, and a section in docs/problems."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.compile.lint.rule import Rule
from app.compile.lint.rules import RULES
from app.errors import Severity

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "problems" / "DM2xxx.md").read_text(encoding="utf-8")
SECTIONS = {section[:6]: section for section in PAGE.split("\n## ")[1:]}
IDS = [rule.name for rule in RULES]


def test_every_rule_is_listed_once() -> None:
    def below(kind: type[Rule]) -> set[type[Rule]]:
        return {kind, *(sub for found in kind.__subclasses__() for sub in below(found))}

    assert {type(rule) for rule in RULES} == below(Rule) - {Rule}
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_it_says_what_why_and_an_example(rule: Rule) -> None:
    first, whole = rule.text
    assert first.endswith(".")
    assert len(first) < 150
    assert len(whole.split()) > 30
    assert "For example" in whole


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_it_lives_in_a_file_of_its_name(rule: Rule) -> None:
    assert type(rule).__module__ == f"app.compile.lint.{rule.name.replace('-', '_')}"


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_it_is_documented_with_a_message(rule: Rule) -> None:
    section = SECTIONS[rule.code]
    example = re.search(r"^> .*?(error|warning|note) (DM\d{4}) ", section, re.MULTILINE)
    assert example is not None
    assert example.groups() == (str(rule.severity), rule.code)
    assert rule.severity in (Severity.WARNING, Severity.NOTE)
    if rule.code.startswith("DM27"):
        assert f"`{rule.name}`" in section


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_that_fixes_says_so(rule: Rule) -> None:
    assert (type(rule).fix is not Rule.fix) == rule.fixable
