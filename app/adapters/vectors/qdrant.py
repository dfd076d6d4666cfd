"""Vectors in a Qdrant server, through its own client: a collection a space."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.adapters.package import files_of
from app.adapters.vectors.problems import down
from app.adapters.vectors.spaces import collection, of_project
from app.errors import DataMindError
from app.model.records import TrainingKind
from app.ports import Health, Space, Vector

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

_ROWS = 500
_PAGE = 1000
_SECONDS = 30


class QdrantVectors:
    """A client of the server at `url`; `:memory:` keeps all in this process, for tests. Searches are exact: every vector of the kind is compared."""

    def __init__(self, url: str, key: str = "") -> None:
        """Raises UserError DM8053 where the client is not installed."""
        files_of("qdrant-client", "qdrant", module="qdrant_client")
        self._where: dict[str, Any] = {"location": url} if url == ":memory:" else {"url": url, "api_key": key or None, "timeout": _SECONDS}

    def put(self, space: Space, kind: TrainingKind, vectors: Mapping[str, Vector]) -> None:
        """Upsert. Qdrant takes UUIDs for ids: the first half of the hash is one, and the payload holds the whole."""
        from qdrant_client import models

        points = [
            models.PointStruct(id=_uuid(one), vector=list(vector), payload={"id": one, "kind": str(kind)})
            for one, vector in sorted(vectors.items())
        ]
        with self._told():
            if not self._client.collection_exists(collection(space)):
                self._client.create_collection(
                    collection(space), vectors_config=models.VectorParams(size=space.dims, distance=models.Distance.COSINE)
                )
            for start in range(0, len(points), _ROWS):
                self._client.upsert(collection(space), points[start : start + _ROWS], wait=True)

    def remove(self, space: Space, ids: Collection[str]) -> None:
        """Delete by id."""
        from qdrant_client import models

        with self._told():
            if ids and self._client.collection_exists(collection(space)):
                selector = models.PointIdsList(points=[_uuid(one) for one in sorted(ids)])
                self._client.delete(collection(space), selector, wait=True)

    def ids(self, space: Space) -> frozenset[str]:
        """Page by page."""
        found: list[str] = []
        with self._told():
            if not self._client.collection_exists(collection(space)):
                return frozenset()
            offset: Any = None
            while True:
                page, offset = self._client.scroll(collection(space), limit=_PAGE, offset=offset, with_payload=["id"], with_vectors=False)
                found += [_id(point) for point in page]
                if offset is None:
                    return frozenset(found)

    def nearest(self, space: Space, kind: TrainingKind, vector: Vector, limit: int) -> Sequence[str]:
        """By the cosine."""
        from qdrant_client import models

        of_kind = models.Filter(must=[models.FieldCondition(key="kind", match=models.MatchValue(value=str(kind)))])
        with self._told():
            if not self._client.collection_exists(collection(space)):
                return []
            found = self._client.query_points(
                collection(space),
                query=list(vector),
                query_filter=of_kind,
                search_params=models.SearchParams(exact=True),
                limit=limit,
                with_payload=["id"],
            )
            return [_id(point) for point in found.points]

    def keep_only(self, space: Space) -> None:
        """Delete the project's other collections."""
        with self._told():
            for one in self._client.get_collections().collections:
                if one.name.startswith(of_project(space.project_id)) and one.name != collection(space):
                    self._client.delete_collection(one.name)

    def health(self) -> Health:
        """Whether it lists its collections."""
        start = time.perf_counter()
        try:
            with self._told():
                self._client.get_collections()
        except DataMindError as error:
            return Health(up=False, detail=error.problem.message)
        return Health(up=True, ms=(time.perf_counter() - start) * 1000, detail="Qdrant")

    def close(self) -> None:
        """Close its connections."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> QdrantClient:
        from qdrant_client import QdrantClient

        return QdrantClient(**self._where, check_compatibility=False)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The client and its transports raise what they please."""
        try:
            yield
        except Exception as cause:
            raise down("Qdrant") from cause


def _uuid(item_id: str) -> str:
    return str(UUID(item_id[:32]))


def _id(point: Any) -> str:
    return str(point.payload["id"])
