"""A copy of the built demo project with a project id of its own, in which definitions can be changed as an edit and dbt would."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.model.ids import new_id
from app.model.principal import Principal, Role
from app.pipeline.turn import ServedLayer
from app.ports import Retriever
from app.service.deps import Deps
from app.service.publishing import Doer
from app.service.training import Retrieved, retrieve
from app.settings import Settings
from app.wiring.deps import opened
from tests.support.demo import Demo

ENGINES = ("postgres", "clickhouse")


FORCED = Doer(force=True, reason="a name changes")
"""Who publishes renames, which break those who ask by the old name."""


@dataclass
class Place:
    """The copy, and the Deps over it."""

    folder: Path
    settings: Settings
    demo: Demo
    deps: Deps

    def edit(self, change: Callable[[str], str]) -> None:
        """Change the texts of both manifests; what dbt derives from them is gone."""
        for engine in ENGINES:
            path = self.folder / "target" / engine / "manifest.json"
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
            (path.parent / "semantic_manifest.json").unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> None:
        """Give a thing another name wherever it is named."""
        self.edit(lambda text: re.sub(rf"\b{old}\b", new, text))

    def describe(self, metric: str, words: str) -> None:
        """Describe a metric otherwise."""

        def change(text: str) -> str:
            manifest: dict[str, Any] = json.loads(text)
            next(one for one in manifest["metrics"].values() if one["name"] == metric)["description"] = words
            return json.dumps(manifest)

        self.edit(change)

    def view(self, role: Role = Role.ADMIN, **attributes: str) -> ServedLayer:
        """The layer served now, as somebody sees it."""
        self.deps.serving.expire()
        return self.deps.serving.view(
            Principal(f"usr_{role}", "", role, self.deps.project_id, attributes=tuple(sorted(attributes.items())))
        )

    def found(self, text: str, served: ServedLayer | None = None, k: int = 10) -> Retrieved:
        """What is retrieved for a text."""
        found = retrieve(self.deps, served or self.view(), text, k)
        assert found.problems == ()
        return found

    def with_retriever(self, retriever: Retriever) -> Place:
        """The same with another index."""
        return replace(self, deps=replace(self.deps, retriever=retriever))


@contextmanager
def placed(demo: Demo, folder: Path, **changes: object) -> Iterator[Place]:
    """A copy in `folder`, with settings changed."""
    project = folder / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, project)
    settings = demo.settings.model_copy(update={"dbt_project_path": project, "project_id": new_id("prj"), **changes})
    with opened(settings, demo.servers) as deps:
        yield Place(project, settings, demo, deps)


def texts(found: Retrieved) -> str:
    """All that was retrieved, as text."""
    items = (*found.ddl, *found.documentation, *found.question_sql)
    return "\n".join(f"{item.subject} {item.question} {item.content}" for item in items)
