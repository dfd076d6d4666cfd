"""Differences of records as changes of a report: how each is called, and in which words it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.compile.diff.records import Difference
from app.compile.diff.report import Action, Change, Direction, Kind
from app.compile.diff.words import written

_NOUNS = {"saved_query": "saved query", "semantic_model": "semantic model", "time_spine": "time spine"}
_PARTS = {
    **dict.fromkeys(("dimension", "entity", "measure", "segment", "hierarchy"), "of `{}`"),
    **dict.fromkeys(("column", "policy"), "of model `{}`"),
    "export": "of saved query `{}`",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change is of: its kind (`metric`, `dimension` …), its name, and what it is a part of."""

    kind: str
    name: str
    owner: str = ""

    @property
    def key(self) -> str:
        """As locations call it: `dimension.orders.status`."""
        return ".".join(filter(None, (self.kind, self.owner, self.name)))

    @property
    def words(self) -> str:
        """As people call it: "dimension `status` of `orders`"."""
        noun = _NOUNS.get(self.kind, self.kind)
        part = f" {_PARTS[self.kind].format(self.owner)}" if self.owner and self.kind in _PARTS else ""
        return f"{noun} `{self.name}`{part}" if self.name else f"the {noun}"


@dataclass(slots=True)
class Changes:
    """The changes so far, in the order in which they were found."""

    found: list[Change] = field(default_factory=list)

    def added(self, subject: Subject, kind: Kind = Kind.ADDITIVE, after: Any = None, **more: Any) -> None:
        """It is there now."""
        self._add(kind, Action.ADDED, subject, f"{subject.words} is added", after=written(after), **more)

    def removed(self, subject: Subject, kind: Kind = Kind.BREAKING, before: Any = None, hint: str = "", **more: Any) -> None:
        """It is gone."""
        self._add(kind, Action.REMOVED, subject, f"{subject.words} is removed", before=written(before), hint=hint, **more)

    def renamed(self, old: Subject, new: Subject, kind: Kind = Kind.BREAKING, hint: str = "") -> None:
        """It bears another name, and means the same."""
        message = f"{old.words} is renamed to `{new.name}`"
        self._add(kind, Action.RENAMED, new, message, before=old.name, after=new.name, hint=hint, former=old.key)

    def changed(self, subject: Subject, difference: Difference, hint: str = "", told: str = "") -> None:
        """A field of it differs; `told` says so in words better than the field's name."""
        name, kind, before, after, possible = difference
        told = told or f"`{name}` is {_verb(before, after)}"
        self._add(
            kind,
            Action.CHANGED,
            subject,
            f"{subject.words}: {told}",
            field=name,
            before=written(before),
            after=written(after),
            possible=possible,
            hint=hint,
        )

    def all(self, subject: Subject, differences: Iterable[Difference]) -> int:
        """Each of the differences; returns how many there were."""
        before = len(self.found)
        for difference in differences:
            self.changed(subject, difference)
        return len(self.found) - before

    def protection(
        self,
        subject: Subject,
        action: Action,
        kind: Kind,
        direction: Direction,
        before: Any,
        after: Any,
        name: str = "",
        hint: str = "",
        told: str = "",
    ) -> None:
        """Something that decides over what people may see; `told` says so in words better than the field's name."""
        told = told or (f"`{name}` is {_verb(before, after)}" if name else f"is {action}")
        message = f"{subject.words}{': ' if name else ' '}{told}"
        self._add(
            kind,
            action,
            subject,
            message,
            field=name,
            before=written(before),
            after=written(after),
            security=direction,
            hint=hint,
        )

    def _add(self, kind: Kind, action: Action, subject: Subject, message: str, **more: Any) -> None:
        self.found.append(Change(kind=kind, action=action, subject=subject.key, message=message, **more))


def _verb(before: Any, after: Any) -> str:
    return "set" if not written(before) else "taken away" if not written(after) else "changed"
