"""Two or more states of a project → what changed, what it is worth as a version, and whether it may follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.default_access import VARIABLE as ACCESS
from app.compile.derive.scope import VARIABLE as DERIVE
from app.compile.diff.code import CodeBase, changes_on_any, read_code
from app.compile.diff.compatibility import VARIABLE as COMPAT
from app.compile.diff.compatibility import Compatibility, Verdict, judge
from app.compile.diff.diff import diff_ready
from app.compile.diff.places import placed
from app.compile.diff.ready import Ready
from app.compile.diff.report import Change, DiffReport, Kind
from app.compile.diff.template_text import reader_of
from app.compile.diff.versions import VARIABLE as VERSION
from app.compile.diff.versions import Suggestion, is_version, suggest
from app.compile.on_failure import VARIABLE as ON_FAILURE
from app.compile.project import Compilation, compile_project
from app.compile.variables import FILE, changed_variables, variable
from app.compile.yaml_load import NotYaml
from app.errors import Problem, UserError, Where, did_you_mean
from app.model.base import Node
from app.model.ontology import Layer
from app.service.guards import project_guards

MOST_STATES = 50
"""Of how many a transitive rule is wanted at most: each is compiled."""


class Old(Node, frozen=True):
    """What is made of a state: its layer, what became of the models' code since, and whether on either side a model reads a variable that its code does
    not show."""

    layer: Layer
    code: dict[str, Kind | None]
    unseen: bool = False


Beside = Callable[[Callable[[], Old]], Callable[[], Old]]
"""Starts work on a state, and gives a function that waits for it."""


def in_turn(work: Callable[[], Old]) -> Callable[[], Old]:
    """Do it when its result is asked for."""
    return work


@dataclass(frozen=True, slots=True)
class State:
    """Another state: how people call it, its artifacts by the engines of the project, its dbt_project.yml where that was kept, and the variables that it
    was parsed with beside that."""

    name: str
    targets: tuple[TargetArtifacts, ...]
    project: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted besides the changes: the rule and the version of the command, None and "" where the project's `vars` decide, and of how many
    states a transitive rule is wanted (0: of all)."""

    rule: Compatibility | None = None
    version: str = ""
    last: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes since the newest state, the version that they suggest where a current one is known, and the verdict where a rule is set; `layers` are
    those that were compared, the older first."""

    state: str
    report: DiffReport
    layers: tuple[Layer, Layer] = field(repr=False)
    version: Suggestion | None = None
    verdict: Verdict | None = None

    def body(self) -> dict[str, Any]:
        """All of it as one object, for programs."""
        report = self.report
        return {
            "state": self.state,
            "old": report.old,
            "new": report.new,
            "worst": report.worst,
            "counts": report.counts(),
            "changes": report.changes,
            "security": [change.subject for change in report.security],
            "notes": report.notes,
            "version": self.version,
            "compatibility": self.verdict,
        }


def compare(
    targets: Sequence[TargetArtifacts],
    sources: ProjectSources,
    states: Sequence[State],
    asked: Asked | None = None,
    beside: Beside = in_turn,
) -> Comparison:
    """Compare the project (its artifacts, the source of truth first) with the states, the newest first.

    `beside` may compile the states elsewhere meanwhile. Raises UserError DM20xx where artifacts can't be used at all, DM2012 for a state that has none of
    the project's engines, DM2013 for a `datamind_compat` or `datamind_version` that is none.
    """
    asked = asked or Asked()
    rule, version = _rule(asked, sources), _version(asked, sources)
    wanted = (states[: asked.last] if asked.last else states)[:MOST_STATES]
    held = wanted if rule is not None and rule.transitive else states[:1]
    made: dict[_Kept, Ready] = {}
    results = [_against(state, targets, sources, beside, made, back=rule is not None and rule.forward) for state in held]
    there = [(state.name, found.report) for state, found in zip(held, results, strict=True)]
    back = [(state.name, found.back) for state, found in zip(held, results, strict=True) if found.back is not None]
    report = placed(there[0][1], sources.files)
    verdict = judge(rule, [(there[0][0], report), *there[1:]], back) if rule is not None else None
    return Comparison(there[0][0], report, results[0].layers, suggest(version, report) if version else None, verdict)


def fails(comparison: Comparison, fail_on: Kind | None, *, never: bool = False) -> bool:
    """Whether it is to stop somebody: `never` it is not; else where a rule is broken, or a change is as grave as `fail_on`. Without that, where a rule is
    set it alone decides, and where none is, breaking changes do."""
    if never:
        return False
    if comparison.verdict is not None and not comparison.verdict.holds:
        return True
    return any(is_grave(comparison, change, fail_on) for change in comparison.report.changes)


def is_grave(comparison: Comparison, change: Change, fail_on: Kind | None) -> bool:
    """Whether a change stops somebody by its class alone; see `fails`."""
    if fail_on is None and comparison.verdict is not None:
        return False
    return change.kind.rank <= (fail_on or Kind.BREAKING).rank


@dataclass(frozen=True, slots=True)
class _Against:
    """The changes since a state, those on the way back where they were asked for, and both layers, the older first."""

    report: DiffReport
    back: DiffReport | None
    layers: tuple[Layer, Layer]


_Kept = tuple[tuple[tuple[str, bool, bool], ...], bool]
"""Which artifacts were kept: engines, each with whether its catalog and its semantic manifest were left out; and whether SQL was."""


def _against(
    state: State,
    targets: Sequence[TargetArtifacts],
    sources: ProjectSources,
    beside: Beside,
    made: dict[_Kept, Ready],
    *,
    back: bool,
) -> _Against:
    """Compare with one state. `made` keeps what the project was compiled to: states of one kind ask for the
    same artifacts of it."""
    old_targets, new_targets, notes = _shared(state, targets)
    old_sources, more = _project_of(state, sources)
    variables, lacking = _variables(state, sources)
    kept = tuple((target.engine, target.catalog is None, target.semantic_manifest is None) for target in new_targets)

    def sides(*, parsed: bool) -> tuple[Old, Ready]:
        waiting = beside(lambda: _old(old_targets, new_targets, old_sources, variables, parsed=parsed))
        if (kept, parsed) not in made:
            own = {FILE: sources.files[FILE]} if FILE in sources.files else {}
            current = ProjectSources(own, sources.variables, sources.newer, sources.manifest)
            compilation = _compiled(new_targets, current, parsed=parsed)
            made[kept, parsed] = Ready(compilation.layer)
            notes.extend(f"{problem.message}; {problem.hint}" for problem in compilation.problems if problem.code == "DM2014")
        after = made[kept, parsed]
        after.prepare()  # while the other side is made
        return waiting(), after

    parsed = not all(map(_holds_sql, (*old_targets, *new_targets)))
    old, after = sides(parsed=parsed)
    if not parsed and any(problem.code == "DM2514" for layer in (old.layer, after.layer) for problem in layer.problems):
        old, after = sides(parsed=True)
    before = Ready(old.layer)
    if lacking and old.unseen:
        notes.append(f"{lacking}: what `var(…)` gives is not compared where models were only parsed")
    report = replace(diff_ready(before, after, old.code), notes=(*notes, *more))
    return _Against(report, diff_ready(after, before, old.code) if back else None, (old.layer, after.layer))


def _holds_sql(target: TargetArtifacts) -> bool:
    """Whether SQL of models is there: else they were only parsed, and what is inherited along lineage is inherited by name on both sides."""
    return b'"compiled_code": "' in target.manifest or b'"compiled_code":"' in target.manifest or len(target.compiled) > 0


def _old(
    targets: Sequence[TargetArtifacts],
    current: Sequence[TargetArtifacts],
    sources: ProjectSources,
    variables: frozenset[str],
    *,
    parsed: bool,
) -> Old:
    """What is made of a state's artifacts, beside those of the project on the same engines."""
    codes = [(read_code(before.manifest), read_code(after.manifest)) for before, after in zip(targets, current, strict=True)]
    return Old(_compiled(targets, sources, parsed=parsed).layer, changes_on_any(codes, variables), any(map(_reads_unseen, codes[0])))


def _compiled(targets: Sequence[TargetArtifacts], sources: ProjectSources, *, parsed: bool) -> Compilation:
    return compile_project(targets, sources, project_guards(targets), parsed=parsed)


def _shared(state: State, targets: Sequence[TargetArtifacts]) -> tuple[list[TargetArtifacts], list[TargetArtifacts], list[str]]:
    """The artifacts that both sides have, so that what one run wrote and the other did not is no change. Raises UserError DM2012."""
    kept = {target.engine: target for target in state.targets}
    notes = [
        f"the state {state.name} has nothing of {target.engine}: its placement is not compared"
        for target in targets
        if target.engine not in kept
    ]
    pairs = [(kept[target.engine], target) for target in targets if target.engine in kept]
    if not pairs:
        engines = ", ".join(target.engine for target in targets)
        raise UserError(
            Problem(
                "DM2012",
                f"the state {state.name} has no artifacts of {engines}",
                where=Where(state.name),
                hint="keep those of each engine in a folder of its name, as in target/, or choose a --target that the state has",
            )
        )
    old, new = [], []
    for before, after in pairs:
        left, right = dataclasses.replace(before, run_results=None), dataclasses.replace(after, run_results=None)
        if (left.catalog is None) != (right.catalog is None):
            notes.append(_alone(state, "catalog.json", after.engine, theirs=right.catalog is None))
            left, right = dataclasses.replace(left, catalog=None), dataclasses.replace(right, catalog=None)
        if (left.semantic_manifest is None) != (right.semantic_manifest is None):
            notes.append(_alone(state, "semantic_manifest.json", after.engine, theirs=right.semantic_manifest is None))
            left, right = dataclasses.replace(left, semantic_manifest=None), dataclasses.replace(right, semantic_manifest=None)
        old.append(left)
        new.append(right)
    return old, new, notes


def _alone(state: State, file: str, engine: str, *, theirs: bool) -> str:
    """That one side alone has a file."""
    lacking = "the project" if theirs else f"the state {state.name}"
    return f"{lacking} has no {file} of {engine}: what only that file tells is not compared"


def _project_of(state: State, sources: ProjectSources) -> tuple[ProjectSources, list[str]]:
    """The state's dbt_project.yml, of which the variables are read; the project's own where the state has none. Variables given for the project
    were not given for a state unless that says so."""
    if state.project is not None:
        return ProjectSources({FILE: state.project}, state.variables), []
    text = sources.files.get(FILE, "")
    said = [name for name in (ACCESS, DERIVE, ON_FAILURE) if name in text or name in sources.variables]
    notes = [f"the state {state.name} has no {FILE}: its `{name}` is taken to be the project's" for name in said]
    return ProjectSources({FILE: text}, sources.variables), notes


def _variables(state: State, sources: ProjectSources) -> tuple[frozenset[str], str]:
    """The variables that have other values than in the state, or why nobody can tell."""
    if state.project is None:
        return frozenset(), f"the state {state.name} has no {FILE}"
    try:
        changed = changed_variables(ProjectSources({FILE: state.project}, state.variables), sources)
    except NotYaml:
        return frozenset(), f"{FILE} can't be read on both sides"
    return frozenset(name for name in changed if not name.startswith("datamind_")), ""


def _reads_unseen(code: CodeBase) -> bool:
    """Whether a model reads a variable, and was only parsed."""
    reads = reader_of(None)
    return any(reads(node.raw_code) for node in code.nodes.values() if node.compiled_code is None)


# --- what the project's variables say


def _rule(asked: Asked, sources: ProjectSources) -> Compatibility | None:
    if asked.rule is not None:
        return asked.rule
    found = _variable(COMPAT, sources)
    if found is None:
        return None
    if found not in set(Compatibility):
        known = [rule.value for rule in Compatibility]
        raise _wrong(COMPAT, found, did_you_mean(str(found), known) or f"one of {', '.join(known)}")
    return Compatibility(str(found))


def _version(asked: Asked, sources: ProjectSources) -> str:
    found = asked.version or _variable(VERSION, sources)
    if not found:
        return ""
    if not is_version(str(found)):
        raise _wrong("--version" if asked.version else VERSION, found, "a version is three numbers: 1.4.0")
    return str(found)


def _variable(name: str, sources: ProjectSources) -> object:
    text = sources.files.get(FILE, "")
    if name not in sources.variables and name not in text:
        return None
    try:
        return variable(sources, _project_name(text), name, None)
    except NotYaml:
        raise _wrong(name, "in a file that is no YAML", f"mend {FILE}") from None


def _project_name(text: str) -> str:
    """The project's name, under which `vars` may have its own."""
    line = next((line for line in text.splitlines() if line.startswith("name:")), "")
    return line.partition(":")[2].split("#")[0].strip().strip("'\"")


def _wrong(name: str, value: object, hint: str) -> UserError:
    where = None if name.startswith("--") else Where(FILE)
    return UserError(Problem("DM2013", f"`{name}` is `{value}`, which is none", where=where, hint=hint))
