"""An embedder that is given no personal data: the door of every text that goes to a language model."""

from __future__ import annotations

from collections.abc import Sequence

from app.ports import Embedder, Vector
from app.redaction.redact import redact


class ImpersonalEmbedder:
    """Masks personal data in what it hands on; vectors are those of the embedder within."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def name(self) -> str:
        """That of the embedder within."""
        return self._embedder.name

    @property
    def dims(self) -> int:
        """Those of the embedder within."""
        return self._embedder.dims

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The vectors of the texts without personal data."""
        return self._embedder.embed([redact(text) for text in texts])

    def embed_question(self, text: str) -> Vector:
        """The vector of the text without personal data."""
        return self._embedder.embed_question(redact(text))
