"""Everything that is wrong with a project, and what can be mended of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from app.compile.lint.configuration import LintConfiguration, chosen, matches, read_configuration, report_unknown
from app.compile.lint.edit import Edit, edited
from app.compile.lint.rules import RULES
from app.compile.lint.run import Found, lint
from app.compile.lint.traps import TRAPS
from app.compile.project import compile_project
from app.compile.report import Report, in_order
from app.errors import Problem, Severity, UserError, Where
from app.service.guards import project_guards
from app.service.project import ProjectReader

_MANY = 20
"""With so many edits of a file they are tried all at once: each try reads the file as YAML."""
_TRAP_CODES = frozenset(rule.code for rule in TRAPS)


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found, by file, line and column; the project's YAML by path; and the version of the layer that the project gives."""

    found: tuple[Found, ...]
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    layer_version: str = ""

    @classmethod
    def of(cls, error: UserError) -> Self:
        """What is to be told where nothing could be compiled."""
        return cls(tuple(Found(None, problem) for problem in error.problems))

    def without(self, unparsed: Iterable[tuple[str, str]]) -> Self:
        """With a warning for each engine, and where its manifest would be, that was not looked at."""
        said = (
            Problem(
                "DM2001", f"there is no manifest.json of the engine {engine}: its target is not looked at", Severity.WARNING, Where(file)
            )
            for engine, file in unparsed
        )
        return replace(self, found=(*(Found(None, problem, ()) for problem in said), *self.found))

    def count(self, severity: Severity) -> int:
        """How many of that severity."""
        return sum(one.problem.severity is severity for one in self.found)

    @property
    def fixable(self) -> int:
        """How many can be mended by edits."""
        return sum(bool(one.edits) for one in self.found)


def validate(source: ProjectReader, select: Collection[str] = (), ignore: Collection[str] = (), *, warn_error: bool = False) -> Validated:
    """Compile the project and lint it.

    `select` and `ignore` are names or codes of rules, and codes of other Problems: of what is no error, only the selected is told, and nothing that is
    ignored. What the project's own configuration ignores is not told either, unless it is selected. With `warn_error` warnings are errors.
    Raises UserError DM20xx where the artifacts can't be used at all.
    """
    targets, sources = source.read()
    compilation = compile_project(targets, sources, project_guards(targets), located=False)
    linted = compilation.linted
    report = Report(linted.locations)
    configured = read_configuration(sources, linted.root, report)
    report_unknown(linted, report)
    saved: Iterable[Problem] = ()
    if compilation.layer.ontology.saved_queries:
        from app.service.compile import examples_of  # what plans queries is loaded where there are some

        saved = examples_of(compilation.layer, linted.locations)[1]
    told = [Found(None, problem) for problem in (*compilation.problems, *saved, *report.problems) if problem.code not in _TRAP_CODES]
    rules = chosen(RULES, [*configured.select, *select], [*ignore, *configured.ignore.difference(select)])
    told += [_weighed(one, configured) for one in lint(rules, linted)]
    kept = [_strict(one) if warn_error else one for one in told if _is_told(one, select, [*ignore, *configured.ignore.difference(select)])]
    ordered = in_order(one.problem for one in kept)
    by_problem = {one.problem: one for one in kept}
    return Validated(tuple(by_problem[problem] for problem in ordered), sources.files, compilation.layer.version)


def mended(validated: Validated) -> tuple[dict[str, str], tuple[Found, ...]]:
    """The YAML files that edits change, as they are then, and what these mend. Edits that don't go together with others of the file are left out."""
    by_file: dict[str, list[Found]] = defaultdict(list)
    for one in validated.found:
        if one.edits and len({edit.file for edit in one.edits}) == 1:
            by_file[one.edits[0].file].append(one)
    files: dict[str, str] = {}
    done: list[Found] = []
    for file, several in sorted(by_file.items()):
        text, taken = validated.files.get(file, ""), list[Edit]()
        for one in several:
            whole = edited(text, [*taken, *one.edits]) if len(several) < _MANY else ""
            if whole is not None:
                taken += one.edits
                done.append(one)
        changed = edited(text, taken)
        if changed is not None and changed != text:
            files[file] = changed
        else:
            done = [one for one in done if one not in several]
    return files, tuple(done)


def _weighed(found: Found, configured: LintConfiguration) -> Found:
    """With the severity that the project gives its rule."""
    if found.rule is not None and matches(found.rule.code, found.rule.name, configured.error):
        return replace(found, problem=replace(found.problem, severity=Severity.ERROR))
    return found


def _strict(found: Found) -> Found:
    """With a warning as an error."""
    if found.problem.severity is Severity.WARNING:
        return replace(found, problem=replace(found.problem, severity=Severity.ERROR))
    return found


def _is_told(found: Found, select: Collection[str], ignore: Collection[str]) -> bool:
    """Whether it is told; errors always are."""
    if found.problem.severity is Severity.ERROR:
        return True
    name = found.rule.name if found.rule else ""
    if select and not matches(found.problem.code, name, select):
        return False
    return not matches(found.problem.code, name, ignore)
