"""Training items, and the index in which they are found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.records import TrainingItem, TrainingKind
from app.ports.engines import Health


class Training(Protocol):
    """Training items by content hash, shared by the layers that have them, and which layer has which."""

    def keep(self, project_id: str, document_hash: str, items: Sequence[TrainingItem], layers: int) -> None:
        """Make these the compiled items of the layer, and the layer the one trained last, atomically.

        Of compiled items, those of the `layers` layers that were trained last are kept; items of another origin stay.
        """

    def of_layer(self, project_id: str, document_hash: str) -> Sequence[TrainingItem] | None:
        """The layer's items, ids ascending; None where it was never trained, or too long ago."""

    def has(self, project_id: str, document_hash: str) -> bool:
        """Whether the layer's items are kept."""

    def ids(self, project_id: str) -> frozenset[str]:
        """The ids of all items kept."""

    def get(self, project_id: str, ids: Sequence[str]) -> Mapping[str, TrainingItem]:
        """The items of these ids, as far as they are kept."""


Vector = Sequence[float]


class Embedder(Protocol):
    """Makes vectors of texts: what means the same lies close by the cosine. `name` says by which model; vectors of two names are never compared."""

    @property
    def name(self) -> str:
        """The model and its version."""

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The vectors of texts that are to be found."""

    def embed_question(self, text: str) -> Vector:
        """The vector of a text to find others by."""


class Akin(Protocol):
    """Finds names that are near in meaning to words. It suggests: what a question comes to never hangs on it."""

    def warm(self) -> None:
        """Get ready, where a process has the time for it; until then nothing is found. Never raises."""

    def __call__(self, words: str, names: Sequence[str]) -> Sequence[str]:
        """A few of the names, nearest first; none where none is near."""


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors that may be compared: those of one project by one embedder, of so many dimensions."""

    project_id: str
    embedder: str
    dims: int


class VectorStore(Protocol):
    """Keeps vectors by id, space by space. Every call raises InternalError DM8051 where the server does not answer or refuses."""

    def put(self, space: Space, kind: TrainingKind, vectors: Mapping[str, Vector]) -> None:
        """Keep these, in place of those of the same id."""

    def remove(self, space: Space, ids: Collection[str]) -> None:
        """Keep these no longer."""

    def ids(self, space: Space) -> frozenset[str]:
        """All ids of the space."""

    def nearest(self, space: Space, kind: TrainingKind, vector: Vector, limit: int) -> Sequence[str]:
        """At most `limit` ids of that kind, nearest first."""

    def keep_only(self, space: Space) -> None:
        """Remove the project's other spaces."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""

    def close(self) -> None:
        """Give back its connections."""


Shown = Callable[[Sequence[str]], Mapping[str, TrainingItem]]
"""Of candidate ids, the items that may be shown: whoever searches decides it, the index does not."""


class Retriever(Protocol):
    """The index of one project's training items. Every call raises as VectorStore, and UserError DM8053 where this installation lacks what it needs."""

    @property
    def absent(self) -> str:
        """Why there is no index in this installation; "" where there is one."""

    def ids(self) -> frozenset[str]:
        """The ids of the items in it."""

    def learn(self, items: Sequence[TrainingItem]) -> None:
        """Put items in; one that is there is put in anew."""

    def forget(self, ids: Collection[str]) -> None:
        """Take items out."""

    def keep_only(self) -> None:
        """Take out what another embedder put in."""

    def recall(self, question: str, limit: int, shown: Shown) -> Mapping[TrainingKind, Sequence[TrainingItem]]:
        """Of each kind at most `limit` items of those that may be shown, nearest to the question first."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""

    def close(self) -> None:
        """Give back its connections."""
