"""`--select` and `--exclude` as they are written: a blank means or, a comma means and."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.selection.criteria import Criterion, Difference, Intersection, Selection, Union, criterion

EVERYTHING = Union(tuple(Criterion(method, "*") for method in ("fqn", "source", "exposure", "metric", "semantic_model", "saved_query")))


def parse(select: Sequence[str], exclude: Sequence[str] = ()) -> Selection:
    """What `select` means but `exclude` does not; without `select`, everything. Raises UserError DM2620."""
    kept = _union(select) if select else EVERYTHING
    return Difference(kept, _union(exclude)) if exclude else kept


def _union(texts: Sequence[str]) -> Union:
    words = [word for text in texts for word in text.split()]
    return Union(tuple(Intersection(tuple(criterion(part) for part in word.split(",")), raw=word) for word in words))
