"""A copy of the built demo project with a project id of its own in the store, to publish from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.model.ids import new_id
from app.ports import Health
from app.service.deps import Deps

Manifest = dict[str, Any]


@dataclass
class Heard:
    """A bus that remembers what was said."""

    heard: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, channel: str, message: str) -> None:
        self.heard.append((channel, message))

    def health(self) -> Health:
        return Health(up=True)


@dataclass
class Place:
    """The copy, its Deps, and what was announced."""

    folder: Path
    deps: Deps
    bus: Heard

    @property
    def manifest(self) -> Path:
        return self.folder / "target" / "postgres" / "manifest.json"

    def edit(self, change: Callable[[Manifest], None]) -> None:
        """Change the manifest of both targets, as dbt would after an edit."""
        for engine in ("postgres", "clickhouse"):
            target = self.folder / "target" / engine
            manifest = json.loads((target / "manifest.json").read_bytes())
            change(manifest)
            (target / "manifest.json").write_text(json.dumps(manifest))
            (target / "semantic_manifest.json").unlink(missing_ok=True)

    def change(self) -> None:
        """Describe a model otherwise."""
        word = new_id("word")

        def describe(manifest: Manifest) -> None:
            next(node for node in manifest["nodes"].values() if node["resource_type"] == "model").update(description=word)

        self.edit(describe)
