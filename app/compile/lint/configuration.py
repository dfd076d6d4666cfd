"""What a project says of lint rules: `vars.datamind_lint` of dbt_project.yml."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from app.compile.artifacts import ProjectSources
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.lint.rules import RULES
from app.compile.lint.run import EVERYTHING
from app.compile.report import Place, Report
from app.compile.variables import FILE, variable
from app.compile.yaml_load import NotYaml
from app.errors import did_you_mean

VARIABLE = "datamind_lint"
_KEYS = ("ignore", "error", "select")
_CODE = re.compile(r"DM\d{1,4}$")
_STARTS = (
    102,
    200,
    201,
    206,
    220,
    *range(230, 235),
    *range(240, 244),
    *range(250, 253),
    *range(260, 264),
    2721,
    300,
    302,
    304,
    *range(309, 314),
    400,
    401,
)
_FAMILIES = tuple(f"DM{start}" for start in _STARTS)
"""How codes begin that a project can be told of, those of rules aside."""


@dataclass(frozen=True, slots=True)
class LintConfiguration:
    """Rules by name or code (`DM27` means every code that begins so): those that are not applied, those whose findings are errors, and those of the
    optional ones that are applied too."""

    ignore: frozenset[str] = frozenset()
    error: frozenset[str] = frozenset()
    select: frozenset[str] = frozenset()


def read_configuration(sources: ProjectSources, project: str, report: Report) -> LintConfiguration:
    """`vars.datamind_lint: {ignore: [], error: [], select: []}`. What is of another shape, or names no rule, is reported (DM2721) and has no effect."""
    try:
        value = variable(sources, project, VARIABLE, {})
    except NotYaml:
        value = {}
    if not isinstance(value, dict):
        _report(report, f"`vars.{VARIABLE}` is no mapping", f"write `{VARIABLE}: {{ignore: [unused-measure]}}`")
        return LintConfiguration()
    for key in sorted(set(map(str, value)) - set(_KEYS)):
        _report(report, f"`vars.{VARIABLE}` has the unknown key `{key}`", did_you_mean(key, _KEYS) or "one of " + ", ".join(_KEYS))
    said = {key: frozenset(_words(key, value.get(key), report)) for key in _KEYS}
    return LintConfiguration(said["ignore"], said["error"], said["select"])


def _words(key: str, value: object, report: Report) -> Iterator[str]:
    words = [value] if isinstance(value, str) else value
    if words is not None and not isinstance(words, list):
        _report(report, f"`vars.{VARIABLE}.{key}` is no list", f"write `{key}: [unused-measure]`")
        return
    for word in words or ():
        if is_known(str(word)):
            yield str(word)
        else:
            _report(report, f"`vars.{VARIABLE}.{key}` names `{word}`, and there is no such rule", near(str(word)))


def report_unknown(project: Linted, report: Report) -> None:
    """Report words of a `lint_ignore` that name no rule (DM2721)."""
    for key, words in sorted(project.all_ignored.items()):
        for word in sorted(words):
            if not is_known(word):
                kind, _, name = key.partition(".")
                said = f"`lint_ignore` of {kind} `{name.rpartition('.')[2]}` names `{word}`, and there is no such rule"
                report.warning("DM2721", said, project.place_of(key).at("config/meta/datamind/lint_ignore"), near(word))


def is_known(word: str) -> bool:
    """Whether a word names a rule, all of them, or codes that there are: one that none begins with would leave out everything, or nothing, unseen."""
    if word == EVERYTHING or any(word == rule.name or rule.code.startswith(word) for rule in RULES):
        return True
    return _CODE.match(word) is not None and any(family.startswith(word) or word.startswith(family) for family in _FAMILIES)


def near(word: str) -> str:
    """A hint for a word that names no rule."""
    return (
        did_you_mean(word, [name for rule in RULES for name in (rule.name, rule.code)]) or "rules are listed by `datamind validate --rules`"
    )


def matches(code: str, name: str, words: Collection[str]) -> bool:
    """Whether one of the words means a code, or the rule of that name."""
    return any(word in (EVERYTHING, name, code) or (_CODE.match(word) is not None and code.startswith(word)) for word in words)


def chosen(rules: Iterable[Rule], select: Collection[str], ignore: Collection[str]) -> tuple[Rule, ...]:
    """The rules to apply: without `ignore`; of the optional ones those that `select` names by name or whole code."""
    return tuple(
        rule
        for rule in rules
        if not matches(rule.code, rule.name, ignore) and (not rule.optional or rule.name in select or rule.code in select)
    )


def _report(report: Report, message: str, hint: str) -> None:
    report.warning("DM2721", message, Place("", FILE), hint)
