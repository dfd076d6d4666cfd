"""What a language model would be told of a layer, question by question: where that stays the same a new layer is nothing new to it, and nothing is asked.

What is compared are the prompts themselves, as they would be sent for the question by whoever asked it first, over both layers under the policies of now. Two things
are no part of the layer and left out: what retrieval finds (in its place stand all saved queries, which may be among the examples), and values of the warehouse, which
no prompt holds.
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
from app.pipeline.turn import ServedLayer
from app.ports import Cancel, ModelUnavailable
from app.service.deps import Deps
from app.service.drafting import drafter_of
from app.service.no_retriever import NoRetriever
from app.service.replay import asked, person_of
from app.service.serving import Serving

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
    saved = [] if deps.retriever.absent else _saved_queries(view)
    told = msgspec.json.encode([listener.sent, saved], order="sorted") if listener.sent else b""
    return hashlib.sha256(told).hexdigest()


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
