"""The default embedder: the mean of the wordllama weights of a text's tokens. Fast enough for every item of a large project."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.embedders.clean import clean
from app.adapters.package import files_of, missing
from app.ports import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTRA = "vanna"
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
DIMS = 256


class WordllamaEmbedder:
    """Vectors of unit length. `dims` may be fewer than the weights have: their first ones were trained to mean the most. Thread-safe.

    The package's own loader is not used: it looks for its files on the network.
    """

    def __init__(self, dims: int = DIMS) -> None:
        """Raises UserError DM8053 where the package is not installed."""
        self._folder, version = files_of("wordllama", EXTRA)
        self._dims = dims
        self._name = f"wordllama {version} {dims}"
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The package, its version and the dimensions."""
        return self._name

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""
        return self._dims

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """The vectors of the texts; one without any token has that of the unknown one. Raises UserError DM8053."""
        import numpy as np

        weights, tokenizer = self._model
        vectors = np.empty((len(texts), self._dims), dtype=np.float32)
        for row, encoded in enumerate(tokenizer.encode_batch([clean(text) for text in texts], add_special_tokens=False)):
            vectors[row] = weights[encoded.ids or [0]].mean(axis=0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        found: list[list[float]] = vectors.tolist()
        return found

    def embed_question(self, text: str) -> Vector:
        """The vector of a question: made as any other."""
        return self.embed([text])[0]

    @property
    def _model(self) -> tuple[NDArray[Any], Any]:
        """The weights (a row a token) and the tokenizer, read once."""
        with self._lock:
            return self._read

    @cached_property
    def _read(self) -> tuple[NDArray[Any], Any]:
        return _weights(self._folder / _WEIGHTS, self._dims), _tokenizer(self._folder / _TOKENIZER)


def _weights(path: Path, dims: int) -> NDArray[Any]:
    try:
        from safetensors.numpy import load_file
    except ImportError as cause:
        raise missing("safetensors", EXTRA) from cause
    (weights,) = load_file(path).values()
    return weights[:, :dims].astype("float32")


def _tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as cause:
        raise missing("tokenizers", EXTRA) from cause
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
