"""Expectations of what people see, as tests: a YAML file says who, what they see of a model, which metrics they know, and what is refused to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.compile.diff.protection import reduced
from app.compile.policies.expectations import Attempt, Case, Expected, Suite
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import DataMindError, Problem, UserError, Where, did_you_mean
from app.model.invalid import said_and_path
from app.model.principal import Principal
from app.pipeline.turn import ServedLayer
from app.service.on_paper import try_query, try_sql
from app.service.policy_sight import ALL, NONE, ModelSight, named_models, sight_of
from app.service.request import QueryRequest, semantic_query
from app.service.serving import Serving
from app.sql.expressions.predicate import parse_predicate
from app.sql.expressions.text import expression_text


@dataclass(frozen=True, slots=True)
class Tested:
    """How one test ended: what was not as expected, nothing where it passed."""

    file: str
    name: str
    wrong: tuple[str, ...] = ()

    def problem(self) -> Problem:
        """The failure as a Problem."""
        return Problem(
            "DM7051", f"{self.name}: {'; '.join(self.wrong)}", where=Where(self.file), hint="mend the policy, or what is expected of it"
        )

    def body(self) -> dict[str, Any]:
        """For programs."""
        return {"file": self.file, "name": self.name, "passed": not self.wrong, "wrong": list(self.wrong)}


def read_suite(text: str, file: str) -> tuple[Case, ...]:
    """The tests of a file. Raises UserError DM7050 where it is none."""
    try:
        return msgspec.convert(load_yaml(text), Suite).policy_tests
    except (msgspec.ValidationError, NotYaml) as error:
        message, path = said_and_path(error)
        problem = Problem("DM7050", f"no file of policy tests: {message}", where=Where(file, path=path), hint="see docs/policies.md")
        raise UserError(problem) from None


def run_suite(serving: Serving, cases: Sequence[Case], file: str) -> list[Tested]:
    """Make each test on what is served. Nothing is executed on an engine. Raises what reading the store's policies raises."""
    _, ontology, _ = serving.governed()
    found = []
    for number, case in enumerate(cases, 1):
        name = case.name or f"{case.who.role} {case.model or number}"
        served = serving.view(case.who.principal())
        try:
            wrong = [*_model(case, ontology), *_metrics(case, served), *_attempts(case, served)]
        except UserError as error:
            wrong = [error.problem.message + (f" ({error.problem.hint})" if error.problem.hint else "")]
        found.append(Tested(file, name, tuple(wrong)))
    return found


def _model(case: Case, ontology: Any) -> Iterator[str]:
    expect = case.expect
    if expect is None:
        return
    (model,) = named_models(ontology, [case.model or "(no model)"])
    sight = sight_of(model, case.who.principal(), ontology.default_access)
    if expect.readable is not None and expect.readable is not sight.readable:
        yield f"`{model.name}` is {'' if sight.readable else 'not '}readable"
    if expect.rows and _meant(expect.rows) != sight.rows:
        yield f"rows are {_code(sight.rows)}, not {_code(_meant(expect.rows))}"
    yield from _columns(expect, sight)


def _columns(expect: Expected, sight: ModelSight) -> Iterator[str]:
    known = {column.name: column for column in sight.columns}
    for name, wanted in expect.columns.items():
        column = known.get(name)
        if column is None:
            yield f"there is no column `{name}` {did_you_mean(name, known)}".rstrip()
        elif isinstance(wanted, str):
            if wanted != column.shown or (wanted == "clear" and column.min_group_size):
                yield f"`{name}` is {f'aggregated over {column.min_group_size}' if column.min_group_size else column.shown}, not {wanted}"
        else:
            kind = str(column.mask.kind) if column.mask else ""
            if wanted.mask and wanted.mask != kind:
                yield f"`{name}` is {f'masked by {kind}' if kind else column.shown}, not masked by {wanted.mask}"
            if wanted.min_group_size is not None and wanted.min_group_size != column.min_group_size:
                yield f"`{name}` is aggregated over {column.min_group_size or 'no number of'} rows, not {wanted.min_group_size}"


def _metrics(case: Case, served: ServedLayer) -> Iterator[str]:
    for name, wanted in case.metrics.items():
        if served.layer.ontology.metric(name) is None:
            yield f"there is no metric `{name}` {did_you_mean(name, [one.name for one in served.layer.ontology.metrics])}".rstrip()
        elif (served.visible.metric(name) is not None) is not (wanted == "visible"):
            yield f"the metric `{name}` is not {wanted}"


def _attempts(case: Case, served: ServedLayer) -> Iterator[str]:
    for attempt in case.queries:
        told = f"`{attempt.sql}`" if attempt.sql else f"{', '.join(attempt.query.metrics)}" if attempt.query else "nothing"
        if bool(attempt.refused) is attempt.allowed or bool(attempt.sql) is (attempt.query is not None):
            yield f"{told}: give `query` or `sql`, and `allowed` or `refused`"
            continue
        code = _refusal(attempt, served, case.who.principal())
        if attempt.allowed and code:
            yield f"{told} is refused with {code}"
        elif attempt.refused and not code:
            yield f"{told} is allowed"
        elif isinstance(attempt.refused, str) and attempt.refused != code:
            yield f"{told} is refused with {code}, not {attempt.refused}"


def _refusal(attempt: Attempt, served: ServedLayer, who: Principal) -> str:
    """The code under which it is refused, "" where it is not."""
    try:
        if attempt.query is None:
            try_sql(served, who, attempt.sql, attempt.source)
        else:
            asked = QueryRequest(attempt.query.metrics, attempt.query.group_by, attempt.query.where)
            try_query(served, who, semantic_query(asked, served.visible, served.joins))
    except DataMindError as error:
        return error.problem.code
    return ""


def _meant(text: str) -> str:
    """The condition as `ModelSight.rows` has it. Raises UserError DM31xx."""
    return text if text in (ALL, NONE) else expression_text(reduced(parse_predicate(text)))


def _code(rows: str) -> str:
    return rows if rows in (ALL, NONE) else f"`{rows}`"
