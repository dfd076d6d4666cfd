"""Names near in meaning to words, by an embedder (`app.ports.Akin`)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.ports import Embedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR = 0.3
"""The least cosine: below it words have little to do with each other (wordllama)."""
_MOST, _LAYERS, _LONGEST = 2, 16, 60


class AkinNames:
    """Finds nothing before it is `warm`: reading a model's weights would keep the one who asks first waiting. Thread-safe."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._warm = False
        self._vectors: OrderedDict[tuple[str, ...], NDArray[Any]] = OrderedDict()

    def warm(self) -> None:
        """Read the model; what it lacks leaves it cold."""
        try:
            self._embedder.embed(["warm"])
        except Exception:
            return
        self._warm = True

    def __call__(self, words: str, names: Sequence[str]) -> Sequence[str]:
        """At most two of the names, nearest first."""
        if not (self._warm and names and words.strip()):
            return ()
        import numpy as np

        near = self._of(tuple(names)) @ np.asarray(self._embedder.embed_question(words[:_LONGEST]))
        return [names[at] for at in np.argsort(-near, kind="stable")[:_MOST].tolist() if near[at] >= _NEAR]

    def _of(self, names: tuple[str, ...]) -> NDArray[Any]:
        """The vectors of a layer's names, a row each."""
        import numpy as np

        with self._lock:
            if names not in self._vectors:
                self._vectors[names] = np.asarray(self._embedder.embed(names))
            self._vectors.move_to_end(names)
            while len(self._vectors) > _LAYERS:
                self._vectors.popitem(last=False)
            return self._vectors[names]
