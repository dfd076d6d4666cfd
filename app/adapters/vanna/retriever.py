"""The index of training items, through Vanna's interface (`app.ports.Retriever`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from app.model.records import TrainingItem, TrainingKind
from app.ports import Embedder, Health, Shown, Space, VectorStore

if TYPE_CHECKING:
    from app.adapters.vanna.layer_vanna import LayerVanna


class VannaRetriever:
    """One project's items by one embedder."""

    absent = ""

    def __init__(self, project_id: str, embedder: Embedder, vectors: VectorStore) -> None:
        self._space = Space(project_id, embedder.name, embedder.dims)
        self._embedder = embedder
        self._vectors = vectors

    def ids(self) -> frozenset[str]:
        """The ids in the vector store."""
        return self._vectors.ids(self._space)

    def learn(self, items: Sequence[TrainingItem]) -> None:
        """Through `train`, one by one; their vectors are made and written all at once."""
        vanna = self.vanna()
        vanna.expect(items)
        for item in items:
            match item.kind:
                case TrainingKind.DDL:
                    vanna.train(ddl=item.content)
                case TrainingKind.DOCUMENTATION:
                    vanna.train(documentation=item.content)
                case TrainingKind.QUESTION_SQL:
                    vanna.train(question=item.question, sql=item.content)
        vanna.flush()

    def forget(self, ids: Collection[str]) -> None:
        """By id."""
        self._vectors.remove(self._space, ids)

    def keep_only(self) -> None:
        """This embedder's space alone."""
        self._vectors.keep_only(self._space)

    def recall(self, question: str, limit: int, shown: Shown) -> Mapping[TrainingKind, Sequence[TrainingItem]]:
        """The nearest of those that are shown."""
        vanna = self.vanna(shown)
        return {kind: vanna.related(kind, question, limit) for kind in TrainingKind}

    def vanna(self, shown: Shown = lambda _ids: {}, n_results: int = 10) -> LayerVanna:
        """A Vanna that finds what `shown` lets through, `n_results` by each of its functions."""
        from app.adapters.vanna.layer_vanna import LayerVanna  # imports pandas and plotly: for who trains or searches

        return LayerVanna(self._space, self._embedder, self._vectors, shown=shown, n_results=n_results)

    def health(self) -> Health:
        """That of the vector store, with the embedder's name."""
        found = self._vectors.health()
        return Health(found.up, found.ms, f"{found.detail}, {self._space.embedder}" if found.up else found.detail)

    def close(self) -> None:
        """Close the vector store's connections."""
        self._vectors.close()
