"""Nothing in the interpreter knows the demo's names: with every metric and dimension called otherwise it reads what it read."""

from __future__ import annotations

import datetime as dt

import msgspec

from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.model.answer import Outcome
from app.model.moment import Moment
from app.model.principal import Role
from app.service.evaluation.lines import read_questions
from app.service.evaluation.question import Kind
from app.sql.joins import JoinGraph
from tests.support import golden_questions as golden
from tests.support.demo import Demo
from tests.support.renaming import Renaming

KEPT = 0.92
"""A few questions name a metric by two words that stand apart, or by a verb of it: with a name of one word they have one word too many."""


def test_every_metric_and_dimension_can_be_called_otherwise(demo: Demo) -> None:
    served = demo.deps.serving.view(demo.caller(Role.ADMIN).principal)
    renaming = Renaming.of(served.visible)
    ontology = renaming.renamed(served.visible)
    values = {name: facts.values for name, facts in served.lexicon.dimensions.items() if facts.values}
    lexicon = Lexicon.of(ontology, {renaming.name(name): held for name, held in values.items()})
    joins = JoinGraph.of(ontology)
    assert not {metric.label for metric in served.visible.metrics} & {metric.label for metric in ontology.metrics}
    asked, other = 0, []
    for line in read_questions(golden.path_of("demo").read_bytes(), "demo"):
        if line.kind is not Kind.ANSWERABLE or line.asked_before:
            continue
        moment = Moment(dt.datetime.combine(line.today, dt.time(9), dt.UTC), line.today)
        before = interpret(line.question, served.lexicon, served.visible, served.joins, moment)
        if before.outcome is not Outcome.ANSWER or before.query is None:
            continue
        question = renaming.question(line.question, before)
        after = interpret(question, lexicon, ontology, joins, moment)
        asked += 1
        if after.query is None or after.query.canonical() != renaming.query(before.query).canonical():
            other.append(
                f"{line.question} → {question}: {after.outcome} {after.restated} {after.unused} {msgspec.to_builtins(after.problems)}"
            )
    assert asked > 150
    assert len(other) <= (1 - KEPT) * asked, f"{len(other)} of {asked}\n" + "\n".join(other)
