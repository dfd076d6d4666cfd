"""A Vanna over our embedder and vector store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from app.adapters.vanna.refusing import Refusing
from app.errors import Problem, UserError
from app.model.records import TrainingItem, TrainingKind
from app.ports import Embedder, Shown, Space, Vector, VectorStore

_Content = tuple[TrainingKind, str, str]


class LayerVanna(Refusing):  # type: ignore[misc] # Vanna has no types
    """Learns the items of `batch`, whose vectors it is given, and finds those that `shown` lets through.

    Vanna knows an item by its text; we know it by the hash of all that it is, and two layers may share it. So nothing is learnt that is not an item of
    the batch, and `flush` writes what was learnt at once.
    """

    def __init__(
        self, space: Space, embedder: Embedder, vectors: VectorStore, *, shown: Shown = lambda _ids: {}, n_results: int = 10
    ) -> None:
        super().__init__(config={})
        self._space = space
        self._embedder = embedder
        self._vectors = vectors
        self._shown = shown
        self._n_results = n_results
        self._batch: dict[_Content, dict[str, Vector]] = {}
        self._learnt: dict[TrainingKind, dict[str, Vector]] = {}
        self._asked: tuple[str, Vector] | None = None

    def expect(self, items: Sequence[TrainingItem]) -> None:
        """Take these as the batch, with all their vectors made at once."""
        self._batch = {}
        for item, vector in zip(items, self._embedder.embed([searched(item) for item in items]), strict=True):
            self._batch.setdefault((item.kind, item.question, item.content), {})[item.id] = vector

    def flush(self) -> None:
        """Write what was learnt."""
        for kind, vectors in self._learnt.items():
            self._vectors.put(self._space, kind, vectors)
        self._learnt = {}

    def related(self, kind: TrainingKind, question: str, limit: int) -> Sequence[TrainingItem]:
        """At most `limit` shown items of that kind, nearest first.

        The store is asked for more and more candidates until enough of them are shown, or it has no others.
        """
        asked = self._embedding(question)
        candidates, seen, found = 4 * limit, set[str](), dict[str, TrainingItem]()
        while True:
            ids = self._vectors.nearest(self._space, kind, asked, candidates)
            found |= self._shown([one for one in ids if one not in seen])
            if len(found) >= limit or len(ids) < candidates:
                return [found[one] for one in ids if one in found][:limit]
            seen, candidates = seen | set(ids), 4 * candidates

    def train(  # prints nothing, and no SQL goes without its question: Vanna would have a model make one up
        self,
        question: str | None = None,
        sql: str | None = None,
        ddl: str | None = None,
        documentation: str | None = None,
        plan: Any = None,
    ) -> str:
        """Learn one item: its id. Raises UserError DM8054 for what is no item of the batch."""
        if documentation:
            return self.add_documentation(documentation)
        if question and sql:
            return self.add_question_sql(question, sql)
        if ddl and not sql and plan is None:
            return self.add_ddl(ddl)
        raise _no_item()

    def add_ddl(self, ddl: str, **_kwargs: Any) -> str:
        """Learn a table."""
        return self._add(TrainingKind.DDL, "", ddl)

    def add_documentation(self, documentation: str, **_kwargs: Any) -> str:
        """Learn a definition."""
        return self._add(TrainingKind.DOCUMENTATION, "", documentation)

    def add_question_sql(self, question: str, sql: str, **_kwargs: Any) -> str:
        """Learn a question with its SQL."""
        return self._add(TrainingKind.QUESTION_SQL, question, sql)

    def generate_embedding(self, data: str, **_kwargs: Any) -> list[float]:
        """The vector of a text."""
        return list(self._embedder.embed([data])[0])

    def get_related_ddl(self, question: str, **_kwargs: Any) -> list[str]:
        """The tables nearest to the question."""
        return [item.content for item in self.related(TrainingKind.DDL, question, self._n_results)]

    def get_related_documentation(self, question: str, **_kwargs: Any) -> list[str]:
        """The definitions nearest to the question."""
        return [item.content for item in self.related(TrainingKind.DOCUMENTATION, question, self._n_results)]

    def get_similar_question_sql(self, question: str, **_kwargs: Any) -> list[dict[str, str]]:
        """The questions nearest to this one, with their SQL."""
        found = self.related(TrainingKind.QUESTION_SQL, question, self._n_results)
        return [{"question": item.question, "sql": item.content} for item in found]

    def get_training_data(self, **_kwargs: Any) -> pd.DataFrame:
        """What is shown of all that is in the store, in Vanna's columns."""
        shown = self._shown(sorted(self._vectors.ids(self._space)))
        rows = [(item.id, item.question or None, item.content, _vannas(item.kind)) for _, item in sorted(shown.items())]
        return pd.DataFrame(rows, columns=["id", "question", "content", "training_data_type"])

    def remove_training_data(self, id: str, **_kwargs: Any) -> bool:  # noqa: A002 - Vanna's name
        """Forget one item; whether it was there."""
        there = id in self._vectors.ids(self._space)
        self._vectors.remove(self._space, [id])
        return there

    def log(self, message: str, title: str = "Info") -> None:
        """Nothing: Vanna would print prompts."""

    def _add(self, kind: TrainingKind, question: str, content: str) -> str:
        known = self._batch.get((kind, question, content))
        if known is None:
            raise _no_item()
        self._learnt.setdefault(kind, {}).update(known)  # of several subjects that say the same, each is an item
        return next(iter(known))

    def _embedding(self, question: str) -> Vector:
        """The question's vector, made once for all kinds."""
        if self._asked is None or self._asked[0] != question:
            self._asked = (question, self._embedder.embed_question(question))
        return self._asked[1]


def searched(item: TrainingItem) -> str:
    """The text by which an item is found: the question of one that has one."""
    return item.question or item.content


def _vannas(kind: TrainingKind) -> str:
    return "sql" if kind is TrainingKind.QUESTION_SQL else str(kind)


def _no_item() -> UserError:
    return UserError(
        Problem("DM8054", "only training items of a layer are learnt", hint="change the dbt project and run `datamind sync`, which trains")
    )
