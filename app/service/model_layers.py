"""What a language model would be told of a layer, question by question: where that stays the same a new layer is nothing new to it, and nothing is asked.

What is compared are the prompts themselves, as they would be sent for the question by whoever asked it first, over both layers under the policies of now. What retrieval
would find is not asked for: where there is an index, all that it may bring into a prompt is compared besides. Values of the warehouse are in no prompt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from app.errors import DataMindError, Problem
from app.model.corrections import Correction
from app.model.ontology import Layer
from app.model.prompt import Message, Reply
from app.pipeline.tellable import tellable, told_names
from app.pipeline.turn import ServedLayer
from app.ports import Cancel, ModelUnavailable
from app.service.deps import Deps
from app.service.drafting import drafter_of
from app.service.no_retriever import NoRetriever
from app.service.replay import asked, person_of
from app.service.serving import Serving
from app.service.sql_material import tables_of

MOST_VERSIONS = 200
"""Of so many publications the layer is looked up: what was asked over one before that is asked again."""


@dataclass(slots=True)
class Sight:
    """What prompts hold of layers, computed once for each question and layer. `current` is the layer that is served."""

    deps: Deps
    current: Layer
    _layers: dict[str, Serving | None] = field(default_factory=dict)
    _told: dict[tuple[str, str], str] = field(default_factory=dict)

    def told(self, one: Correction) -> str:
        """The hash of what is told for a question over the layer that is served."""
        return self._of(one, self.current.version) or ""

    def unchanged(self, one: Correction, version: str) -> bool:
        """Whether the same was told over the layer of that version; not where that can't be read any more."""
        return self._of(one, version) == self.told(one)

    def _of(self, one: Correction, version: str) -> str | None:
        if (one.id, version) not in self._told:
            serving = self._serving(version)
            if serving is None:
                return None
            self._told[one.id, version] = _told(self.deps, one, serving)
        return self._told[one.id, version]

    def _serving(self, version: str) -> Serving | None:
        if version not in self._layers:
            layer = self.current if version == self.current.version else _published(self.deps, version)
            self._layers[version] = self.deps.serving.over(layer) if layer is not None else None
        return self._layers[version]


def _published(deps: Deps, version: str) -> Layer | None:
    """The layer of that version, None where it is none of the last or can't be read by this version of ours."""
    found = next((one for one in deps.layers.page(deps.project_id, 0, MOST_VERSIONS) if one.version == version), None)
    try:
        return deps.layers.load(found.document_hash) if found is not None else None
    except DataMindError:
        return None


def _told(deps: Deps, one: Correction, serving: Serving) -> str:
    person = person_of(deps, one)
    if person is None:
        return ""
    view = serving.view(person)
    listener = _Listener()
    without_index = replace(deps, retriever=NoRetriever())
    stage = replace(deps.stage, akin=None, corrections=None, drafter=drafter_of(without_index, listener), judges_values=False)
    asked(deps, one, person, view, stage)
    if not listener.sent:
        return hashlib.sha256(b"").hexdigest()
    writes_sql = person.role in deps.drafting.sql_roles
    placed = _placed(view) if writes_sql else []
    found = [] if deps.retriever.absent else [_named(view), _saved_queries(view), _for_sql(view) if writes_sql else []]
    return hashlib.sha256(msgspec.json.encode([listener.sent, placed, found], order="sorted")).hexdigest()


def _named(view: ServedLayer) -> Sequence[Any]:
    """All names that may be told, with what is said of them."""
    names = told_names(view)
    return [[one.shown for one in (*names.metrics, *names.items, *names.segments)], names.grains]


def _placed(view: ServedLayer) -> Sequence[Any]:
    """Which engine holds which tables, in the order in which the engines are asked."""
    models = [one.name for one in tellable(view).models]
    return [(one.engine, [one.relation(name) for name in models]) for one in view.layer.placements]


def _for_sql(view: ServedLayer) -> Sequence[Any]:
    """All tables as they are told, and by what the SQL of examples is written."""
    tables = [(table.ddl, sorted(table.names)) for one in view.layer.placements for table in tables_of(view, one.engine).values()]
    seen = tellable(view)
    return [tables, seen.metrics, seen.semantic_models, seen.segments]


def _saved_queries(view: ServedLayer) -> Sequence[Any]:
    """What an example tells of each."""
    return [
        (one.name, one.label, one.description, one.metrics, one.group_by, one.where, one.order_by, one.limit)
        for one in view.visible.saved_queries
    ]


@dataclass(slots=True)
class _Listener:
    """Stands for a model, keeps what it would be sent, and declines, so that SQL is asked for where that would be."""

    sent: list[Any] = field(default_factory=list)
    provider: str = ""
    model: str = ""
    address: str = ""

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """A draft that says no; SQL is never written. Raises ModelUnavailable for that."""
        del who, cancel
        self.sent.append([[one.content for one in messages if one.role == "user"], schema])
        if len(self.sent) > 1:
            raise ModelUnavailable(Problem("DM8090", "nothing is asked here"))
        return Reply('{"query":null,"cannot_answer":"no","ask":null}', "", "")
