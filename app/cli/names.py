"""The names in a dbt manifest, read quickly: everything else in it is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

_GRAINS = ("day", "week", "month", "quarter", "year")


class _Config(msgspec.Struct):
    hidden: bool | None = None


class Named(msgspec.Struct):
    """A metric or a saved query."""

    name: str
    label: str | None = None
    description: str | None = None
    config: _Config | None = None

    @property
    def about(self) -> str:
        """A line on it."""
        return (self.label or self.description or "").partition("\n")[0]


class _Part(msgspec.Struct):
    name: str
    type: str = ""
    label: str | None = None
    description: str | None = None


class _Segment(msgspec.Struct, frozen=True):
    name: str
    label: str = ""
    description: str = ""


class _Said(msgspec.Struct, frozen=True):
    segments: list[_Segment] = []


class _Meta(msgspec.Struct, frozen=True):
    datamind: _Said = _Said()


class _OwnConfig(msgspec.Struct, frozen=True):
    meta: _Meta = _Meta()


class _SemanticModel(msgspec.Struct):
    config: msgspec.Raw = msgspec.Raw(b"{}")
    entities: list[_Part] = []
    dimensions: list[_Part] = []
    primary_entity: str | None = None

    @property
    def primary(self) -> str:
        return next((entity.name for entity in self.entities if entity.type == "primary"), self.primary_entity or "")


class Names(msgspec.Struct):
    """What of a manifest has a name that queries use."""

    metrics: dict[str, Named] = {}
    semantic_models: dict[str, _SemanticModel] = {}
    saved_queries: dict[str, Named] = {}

    def listed(self) -> list[Named]:
        """The metrics that are not hidden."""
        return [metric for metric in self.metrics.values() if not (metric.config and metric.config.hidden)]

    def dimensions(self) -> Iterator[tuple[str, str]]:
        """Each dimension by its dunder name with a line on it; `metric_time` is one."""
        yield "metric_time", "the time of each metric"
        for model, part in self._parts():
            yield f"{model.primary}__{part.name}" if model.primary else part.name, part.label or part.description or ""

    def items(self) -> Iterator[tuple[str, str]]:
        """What can be grouped by: the dimensions, and those of time once more with each grain."""
        yield from self.dimensions()
        times = ["metric_time"] + [f"{m.primary}__{p.name}" if m.primary else p.name for m, p in self._parts() if p.type == "time"]
        for name in times:
            for grain in _GRAINS:
                yield f"{name}__{grain}", f"{name} by {grain}"

    def segments(self) -> Iterator[tuple[str, str]]:
        """Each segment with a line on it; those of a semantic model whose `meta` is of another shape are passed over."""
        for model in self.semantic_models.values():
            try:
                config = msgspec.json.decode(model.config, type=_OwnConfig)
            except msgspec.DecodeError:
                continue
            for segment in config.meta.datamind.segments:
                yield segment.name, segment.label or segment.description.partition("\n")[0]

    def _parts(self) -> Iterator[tuple[_SemanticModel, _Part]]:
        for model in self.semantic_models.values():
            for part in model.dimensions:
                yield model, part


def read_names(manifest: Path) -> Names:
    """The names in that file. Raises OSError or msgspec.DecodeError where it can't be read."""
    return msgspec.json.decode(manifest.read_bytes(), type=Names)
