"""The scripted language model with rules that a test writes, and what it received."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel

Draft = dict[str, Any]


@dataclass
class Script:
    """Rules of a model in a folder; the first one that matches the last message answers."""

    folder: Path
    rules: list[dict[str, Any]] = field(default_factory=list)

    @property
    def model(self) -> Drafter:
        return Drafter(ScriptedModel(self.folder / "rules.json", log=self.folder / "log.jsonl"))

    def says(self, reply: Draft | None = None, match: str = "", **more: object) -> Script:
        """One more rule: a reply, or as ScriptedModel has it a `text` or an `error`."""
        self.rules.append({"match": match, **({"reply": reply} if reply is not None else {}), **more})
        (self.folder / "rules.json").write_text(json.dumps(self.rules), encoding="utf-8")
        return self

    @property
    def log(self) -> list[dict[str, Any]]:
        """The calls, a line each: other marks that Python breaks lines at stand in what was sent."""
        file = self.folder / "log.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line] if file.exists() else []

    @property
    def received(self) -> str:
        """All that it was sent, as the text that its messages and schemas are."""
        return "\n".join(
            text for call in self.log for text in (*(message["content"] for message in call["messages"]), json.dumps(call["schema"]))
        )


def query(**parts: object) -> Draft:
    """A draft of a query."""
    return {"query": parts, "cannot_answer": None, "ask": None}


ScriptMaker = Callable[[], Script]
