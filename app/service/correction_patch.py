"""A correction said by the project itself: the one synonym by which the grounded interpreter reads the question as was approved, as a patch of the dbt project."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from app.compile.synonym_edit import with_synonym
from app.errors import Problem, UserError
from app.language.corrections import Approved, bare
from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.language.normal_form import Said, said
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.correcting import find
from app.service.deps import Deps
from app.service.held_corrections import approved
from app.service.rights import require_admin


@dataclass(frozen=True, slots=True)
class CorrectionPatch:
    """A unified diff of one `file` of the project, and what it does in words."""

    correction_id: str
    file: str
    patch: str
    message: str


def patch(deps: Deps, caller: Caller, correction_id: str) -> CorrectionPatch:
    """The patch of a correction, or of a flagged entry's newest one, over the project as it is now.

    It is given only where exactly one synonym explains the correction: with it, and without the pair, the question is read as was approved.
    Raises UserError DM7011, DM6072 (no such correction), DM6078 (no synonym does, or several do), DM20xx where the project can't be read.
    """
    require_admin(caller)
    pair = approved(find(deps, correction_id))
    served = deps.serving.view(caller.principal)
    found = list(_explaining(deps, pair, served)) if pair is not None and pair.query is not None else []
    if pair is None or len(found) != 1:
        raise _none(len(found))
    word, key = found[0]
    where = next((where for name, where in served.layer.locations if name == key), None)
    text = deps.project.read()[1].files.get(where.file, "") if where is not None else ""
    changed = with_synonym(text, where.line, word) if where is not None else None
    if where is None or changed is None:
        raise _none(0)
    lines = difflib.unified_diff(text.splitlines(keepends=True), changed.splitlines(keepends=True), f"a/{where.file}", f"b/{where.file}")
    return CorrectionPatch(pair.id, where.file, "".join(lines), f"`{word}` becomes a synonym of {key}")


def _explaining(deps: Deps, pair: Approved, served: ServedLayer) -> Iterator[tuple[str, str]]:
    """Each word or row of words with the metric or dimension of which it would have to be a synonym."""
    query = pair.query
    if query is None:
        return
    moment = msgspec.structs.replace(deps.calendar.moment(deps.clock), today=pair.today)
    things = said(pair.question, served.lexicon, moment)
    wanted = {*query.asked_metrics, *(item.name for item in query.group_by)}
    for word in _unexplained(things, frozenset(wanted)):
        for name in sorted(wanted - {name for one in things for name in one.names}):
            found = _with_word(served.visible, name, word)
            if found is None:
                continue
            ontology, key = found
            reading = interpret(pair.question, Lexicon.of(ontology), ontology, served.joins, moment)
            if reading.query is not None and _same(reading.query, query):
                yield word, key


def _same(read: SemanticQuery, wanted: SemanticQuery) -> bool:
    """Whether a reading is what was approved. The interpreter orders rows by their groups where nobody says how; that is no difference to one that does not say."""
    columns = {item.column for item in read.group_by}
    by_groups = all(one.name in columns and not one.descending for one in read.order_by)
    if by_groups and not wanted.order_by:
        read = msgspec.structs.replace(read, order_by=())
    return bare(read) == bare(wanted)


def _unexplained(things: Sequence[Said], wanted: frozenset[str]) -> Iterator[str]:
    """The words that mean nothing of the query, neighbours as one and alone."""
    rows: list[list[str]] = [[]]
    for one in things:
        plain = one.period is None and not one.in_row and not one.values and ":" not in one.word
        if plain and not one.names & wanted:
            rows[-1].append(one.word)
        elif rows[-1]:
            rows.append([])
    yield from (" ".join(row) for row in rows if row)


def _with_word(ontology: Ontology, name: str, word: str) -> tuple[Ontology, str] | None:
    """The layer where the metric or dimension has the word as a synonym, with the key of its place."""
    metrics = tuple(msgspec.structs.replace(one, synonyms=(*one.synonyms, word)) if one.name == name else one for one in ontology.metrics)
    if metrics != ontology.metrics:
        return msgspec.structs.replace(ontology, metrics=metrics), f"metric.{name}"
    for model in ontology.semantic_models:
        for dimension in model.dimensions:
            if model.primary and model.dunder(dimension.name) == name:
                with_word = msgspec.structs.replace(dimension, synonyms=(*dimension.synonyms, word))
                own = tuple(with_word if one is dimension else one for one in model.dimensions)
                changed = msgspec.structs.replace(model, dimensions=own)
                models = tuple(changed if one is model else one for one in ontology.semantic_models)
                return msgspec.structs.replace(ontology, semantic_models=models), f"dimension.{model.name}.{dimension.name}"
    return None


def _none(count: int) -> UserError:
    message = "no synonym explains this correction" if not count else f"{count} synonyms could explain this correction"
    return UserError(Problem("DM6078", message, hint="leave it as a correction, or change the project by hand"))
