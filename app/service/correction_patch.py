"""A correction said by the project itself: the one synonym or segment by which the grounded interpreter reads the question as was approved, as a patch of the dbt
project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import msgspec

from app.compile.locations import LocationIndex
from app.compile.meta_edit import with_segment, with_synonym
from app.compile.unified import is_of_plain_lines, unified
from app.errors import Problem, UserError
from app.language.corrections import Approved, at_that_day, bare
from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.language.normal_form import said, unexplained
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.correcting import find
from app.service.correction_segments import explaining, is_personal, where_texts
from app.service.correction_words import as_said
from app.service.deps import Deps
from app.service.held_corrections import approved
from app.service.known_values import may_know
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

    It is given only where exactly one synonym, or else one segment, explains the correction: with it, and without the pair, the question is read as was approved.
    Raises UserError DM7011, DM6072 (no such correction), DM6078 (none does, several do, or it would hold what is personal), DM20xx where the project can't be read.
    """
    require_admin(caller)
    pair = approved(find(deps, correction_id))
    if pair is None or pair.query is None:
        raise _none(0)
    served = deps.serving.view(caller.principal)
    if not may_know(served, caller.principal, pair):
        raise _personal()
    moment = at_that_day(deps.calendar.moment(deps.clock), pair)
    found = list(_synonyms(pair, pair.query, served, moment)) or list(_segments(pair, served, moment))
    if len(found) != 1:
        raise _none(len(found))
    change = found[0]
    file = next((where.file for name, where in served.layer.locations if name == change.key), "")
    files = deps.project.read()[1].files
    where, text = LocationIndex(files).where(change.key, file), files.get(file, "")  # the project may have changed since the layer was made
    changed = change.made(text, where.line) if where is not None and is_of_plain_lines(text) else None
    if changed is None:
        raise _none(0)
    return CorrectionPatch(pair.id, file, unified(file, text, changed), change.message)


@dataclass(frozen=True, slots=True)
class _Change:
    """What is added to the thing of that `key`: `made` gives its file with it, from the text and the line where the thing begins, None where it can't."""

    key: str
    message: str
    made: Callable[[str, int], str | None]


def _synonyms(pair: Approved, query: SemanticQuery, served: ServedLayer, moment: Moment) -> Iterator[_Change]:
    """Each word or row of words as a synonym of the metric or dimension of which it would have to be one."""
    things = said(pair.question, served.lexicon, moment)
    wanted = {*query.asked_metrics, *(item.name for item in query.group_by)}
    values = {name: facts.values for name, facts in served.lexicon.dimensions.items()}
    for word in unexplained(things, wanted):
        for name in sorted(wanted - {name for one in things for name in one.names}):
            for written in as_said(word, pair.question) or (word,):
                found = _with_word(served.visible, name, written)
                if found is None:
                    break
                ontology, key = found
                reading = interpret(pair.question, Lexicon.of(ontology, values), ontology, served.joins, moment)
                if reading.query is not None and _same(reading.query, query):
                    yield _Change(key, f"`{written}` becomes a synonym of {key}", partial(with_synonym, synonym=written))
                    break


def _segments(pair: Approved, served: ServedLayer, moment: Moment) -> Iterator[_Change]:
    """Each segment that says the filter of the correction. Raises UserError DM6078 for one whose values are nobody's words."""
    for segment in explaining(pair, served, moment):
        if is_personal(segment, served):
            raise _personal()
        texts = where_texts(segment)
        if texts:
            key = f"semantic_model.{segment.semantic_model}"
            made = partial(with_segment, name=segment.name, label=segment.label, where=texts)
            yield _Change(key, f"`{segment.label}` becomes the segment {segment.name} of {key}: {' and '.join(texts)}", made)


def _same(read: SemanticQuery, wanted: SemanticQuery) -> bool:
    """Whether a reading is what was approved. The interpreter orders rows by their groups where nobody says how; that is no difference to one that does not say."""
    columns = {item.column for item in read.group_by}
    by_groups = all(one.name in columns and not one.descending for one in read.order_by)
    if by_groups and not wanted.order_by:
        read = msgspec.structs.replace(read, order_by=())
    return bare(read) == bare(wanted)


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
    message = (
        f"{count} synonyms or segments could explain this correction" if count else "no synonym and no segment explains this correction"
    )
    return UserError(Problem("DM6078", message, hint="leave it as a correction, or change the project by hand"))


def _personal() -> UserError:
    message = "a segment would explain this correction, and its values are personal or not seen by everybody"
    return UserError(Problem("DM6078", message, hint="leave it as a correction: such values are written into no project"))
