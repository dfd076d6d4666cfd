"""Layers, their publications, and candidates for an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.ontology import Layer
from app.model.versions import Candidate, CandidateState, Publication
from app.ports.engines import Health


@dataclass(frozen=True, slots=True)
class Kept:
    """The names under which a layer and its models' code were kept: hashes of their content; `code_hash` is "" where there is no code."""

    layer_hash: str
    document_hash: str
    code_hash: str = ""


class Layers(Protocol):
    """Layers by the hash of their content, and the publications that made each the served one."""

    def keep(self, project_id: str, layer: Layer, code: bytes = b"") -> Kept:
        """Store the layer, and the code that it was compiled with; what is there already is left as it is."""

    def publish(self, publication: Publication, *, base: str) -> Publication | None:
        """Make what was kept the project's current layer, in one transaction, and give the publication its number; None, and nothing written, where it is
        current already. Candidates are settled with it.

        `base` is the document that was current when this was decided, "" for none. Raises UserError DM8007 where it is not current any more.
        """

    def current(self, project_id: str) -> Publication | None:
        """The newest publication, or None."""

    def page(self, project_id: str, before: int, limit: int) -> Sequence[Publication]:
        """At most `limit` publications, newest first, with numbers below `before` (0: from the newest on)."""

    def load(self, document_hash: str) -> Layer | None:
        """The layer document of that hash, or None."""

    def code(self, project_id: str, code_hash: str) -> bytes | None:
        """The code kept with a layer; None where it is not kept any more: that of the last versions is."""

    def keep_report(self, project_id: str, old: str, new: str, report: bytes) -> None:
        """Keep what was found to differ between two documents."""

    def report(self, project_id: str, old: str, new: str) -> bytes | None:
        """What was found to differ between them, or None where nobody looked."""

    def forget(self, project_id: str) -> None:
        """Drop the layers, what they changed, and the code that no version needs, and no candidate that may still be approved.

        For whoever has the turn to sync: what a sync kept and has not published yet is nobody's.
        """

    def health(self) -> Health:
        """Ask whether the store answers; never raises."""


class Candidates(Protocol):
    """Layers that wait for an admin."""

    def propose(self, candidate: Candidate) -> Candidate:
        """Keep an open candidate in place of the project's other open ones; where the same layer was proposed on the same base, give that one back."""

    def get(self, candidate_id: str, project_id: str) -> Candidate | None:
        """The candidate of that id in the project."""

    def page(self, project_id: str, states: Sequence[CandidateState], before: str, limit: int) -> Sequence[Candidate]:
        """At most `limit` candidates in these states, newest first, before the id `before` ("" for the first page)."""

    def reject(self, candidate: Candidate) -> bool:
        """Keep the decision that the record holds; False where it is not open any more."""
