"""Settings → the index of training items: which embedder, and where its vectors are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from app.adapters.embedders.akin import AkinNames
from app.adapters.embedders.e5 import E5Embedder
from app.adapters.embedders.impersonal import ImpersonalEmbedder
from app.adapters.embedders.wordllama import WordllamaEmbedder
from app.adapters.package import files_of
from app.adapters.store.database import Database
from app.adapters.vanna.retriever import VannaRetriever
from app.adapters.vectors.chroma import ChromaVectors
from app.adapters.vectors.pgvector import PgVectors
from app.adapters.vectors.problems import bad_url
from app.adapters.vectors.qdrant import QdrantVectors
from app.errors import UserError
from app.ports import Akin, Embedder, Retriever, VectorStore
from app.service.no_retriever import NoRetriever
from app.settings import Settings

EMBEDDERS: Mapping[str, Callable[[], Embedder]] = {"wordllama": WordllamaEmbedder, "e5": E5Embedder}
SERVERS: Mapping[str, Callable[[str, str], VectorStore]] = {"chroma": ChromaVectors, "qdrant": QdrantVectors}


def retriever_of(settings: Settings, database: Database) -> Retriever:
    """The index; where this installation lacks a package that it needs, one that says so. Nothing heavy is imported and nothing connects before it is used.

    Raises UserError DM8052 where the vector store's URL can't be used.
    """
    url = settings.vector_url.get_secret_value() if settings.vector_url else ""
    vectors = _server(url) if url else lambda: PgVectors(database)
    try:
        files_of("vanna", "vanna")
        return VannaRetriever(settings.project_id, ImpersonalEmbedder(EMBEDDERS[settings.embedder]()), vectors())
    except UserError as error:
        return NoRetriever(error.problem)


def akin_of(settings: Settings) -> Akin | None:
    """What suggests names by their meaning: with the default embedder alone, others are too slow for who waits for an answer. None where its package is missing."""
    if settings.embedder != "wordllama":
        return None
    try:
        return AkinNames(ImpersonalEmbedder(WordllamaEmbedder()))
    except UserError:
        return None


def _server(url: str) -> Callable[[], VectorStore]:
    """The server of `chroma+http://token@host:port`, without its name and token in the URL. Raises UserError DM8052."""
    try:
        parts = urlsplit(url)
        name, _, scheme = parts.scheme.partition("+")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise bad_url("it is not a URL") from None
    if name not in SERVERS or scheme not in ("http", "https") or not parts.hostname:
        raise bad_url(f"`{parts.scheme or '(no scheme)'}` names no vector store")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    bare = urlunsplit((scheme, f"{host}{port}", parts.path, "", ""))
    return lambda: SERVERS[name](bare, unquote(parts.password or parts.username or ""))
