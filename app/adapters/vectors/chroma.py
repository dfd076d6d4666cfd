"""Vectors in a Chroma server, by its HTTP interface (v2): a collection a space."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.adapters.package import files_of
from app.adapters.vectors.problems import down
from app.adapters.vectors.spaces import collection, of_project
from app.errors import DataMindError
from app.model.records import TrainingKind
from app.ports import Health, Space, Vector

if TYPE_CHECKING:
    import httpx2

_DATABASE = "/api/v2/tenants/default_tenant/databases/default_database/collections"
_ROWS = 300
"""How many ids go into one request: a server's default bounds what it takes."""
_PAGE = 1000
_SECONDS = 30.0


class ChromaVectors:
    """A client of the server at `url` (http or https); `token`, where given, is sent as a bearer's. Nothing connects before it is used."""

    def __init__(self, url: str, token: str = "") -> None:
        """Raises UserError DM8053 where no HTTP client is installed."""
        files_of("httpx2", "chroma")
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def put(self, space: Space, kind: TrainingKind, vectors: Mapping[str, Vector]) -> None:
        """Upsert."""
        path = self._path(space, make=True)
        ids = sorted(vectors)
        for start in range(0, len(ids), _ROWS):
            part = ids[start : start + _ROWS]
            body = {"ids": part, "embeddings": [list(vectors[one]) for one in part], "metadatas": [{"kind": str(kind)}] * len(part)}
            self._send("POST", f"{path}/upsert", body)

    def remove(self, space: Space, ids: Collection[str]) -> None:
        """Delete by id."""
        path, listed = self._path(space), sorted(ids)
        for start in range(0, len(listed) if path else 0, _ROWS):
            self._send("POST", f"{path}/delete", {"ids": listed[start : start + _ROWS]})

    def ids(self, space: Space) -> frozenset[str]:
        """Page by page."""
        path = self._path(space)
        found: list[str] = []
        while path:
            page = self._send("POST", f"{path}/get", {"include": [], "limit": _PAGE, "offset": len(found)})["ids"]
            found += page
            if len(page) < _PAGE:
                break
        return frozenset(found)

    def nearest(self, space: Space, kind: TrainingKind, vector: Vector, limit: int) -> Sequence[str]:
        """As Chroma's index has it, which is near to exact."""
        path = self._path(space)
        if not path:
            return []
        most = int(self._send("GET", f"{path}/count"))
        body = {"query_embeddings": [list(vector)], "n_results": max(1, min(limit, most)), "where": {"kind": str(kind)}, "include": []}
        found: list[str] = self._send("POST", f"{path}/query", body)["ids"][0]
        return found

    def keep_only(self, space: Space) -> None:
        """Delete the project's other collections."""
        names = [one["name"] for one in self._send("GET", f"{_DATABASE}?limit={_PAGE}")]
        for name in names:
            if name.startswith(of_project(space.project_id)) and name != collection(space):
                self._send("DELETE", f"{_DATABASE}/{name}")

    def health(self) -> Health:
        """Its heartbeat."""
        start = time.perf_counter()
        try:
            self._send("GET", "/api/v2/heartbeat")
        except DataMindError as error:
            return Health(up=False, detail=error.problem.message)
        return Health(up=True, ms=(time.perf_counter() - start) * 1000, detail="Chroma")

    def close(self) -> None:
        """Close its connections."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> httpx2.Client:
        import httpx2

        return httpx2.Client(base_url=self._url, headers=self._headers, timeout=_SECONDS, trust_env=False)

    def _path(self, space: Space, *, make: bool = False) -> str:
        """The collection's path; "" where there is none and none is to be made."""
        if make:
            body = {"name": collection(space), "get_or_create": True, "configuration": {"hnsw": {"space": "cosine"}}}
            return f"{_DATABASE}/{self._send('POST', _DATABASE, body)['id']}"
        found = self._send("GET", f"{_DATABASE}/{collection(space)}", absent=True)
        return f"{_DATABASE}/{found['id']}" if found else ""

    def _send(self, method: str, path: str, body: Any = None, *, absent: bool = False) -> Any:
        """The reply's JSON; with `absent` None where the server has no such thing."""
        import httpx2

        try:
            reply = self._client.request(method, path, json=body)
            if absent and reply.status_code == 404:
                return None
            reply.raise_for_status()
            return reply.json() if reply.content else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError) as cause:
            raise down("Chroma") from cause
