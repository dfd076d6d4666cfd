"""What a comparison of two layers finds, as data: changes with their classes, and what each touches downstream."""

from __future__ import annotations

from enum import StrEnum

from app.errors import Where
from app.model.base import Node


class Kind(StrEnum):
    """The class of a change, the gravest first.

    `breaking`: a name or an ability that consumers use goes away or is refused. `meaning`: the names stay, the numbers may be others.
    `additive`: there is more to ask for, and nothing else differs. `cosmetic`: people read something else, every answer stays.
    """

    BREAKING = "breaking"
    MEANING = "meaning"
    ADDITIVE = "additive"
    COSMETIC = "cosmetic"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return _RANKS[self]


_RANKS = {kind: number for number, kind in enumerate(Kind)}


def gravest(*kinds: Kind) -> Kind:
    """The gravest of the classes; of none: cosmetic."""
    return min(kinds, key=lambda kind: kind.rank, default=Kind.COSMETIC)


class Action(StrEnum):
    """What happened to the subject of a change."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


class Direction(StrEnum):
    """What a change of protection does to what people may see; `unclear` where neither can be proved."""

    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    UNCLEAR = "unclear"
    SAME = "same"


class Touched(Node, frozen=True):
    """The names of what stands on the subject of a change, in either layer, each sorted. `policies` are `model.policy`; `training` are subjects of
    training items (`metric.revenue`, a model's name), and `saved_query.NAME` for the example that a saved query gives."""

    metrics: tuple[str, ...] = ()
    saved_queries: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    training: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it names nothing that somebody asks for."""
        return not (self.metrics or self.saved_queries or self.exposures or self.policies)


class Change(Node, frozen=True, rename={"kind": "class"}):
    """One difference.

    `subject` is a key as locations have them (`metric.revenue`, `dimension.orders.status`), of the new layer where the thing is there; `field` is the
    way down from it (`params.input.filter`), "" where the thing itself came or went. `possible` marks a model's code: its numbers may be others, which
    nothing short of running it can tell. `security` is set where protection is concerned. `former` is the key by which those ask who know the old layer,
    "" where it is the subject.
    """

    kind: Kind
    action: Action
    subject: str
    message: str
    field: str = ""
    before: str = ""
    after: str = ""
    hint: str = ""
    where: Where | None = None
    possible: bool = False
    security: Direction | None = None
    touches: Touched = Touched()
    former: str = ""

    @property
    def asked_by(self) -> str:
        """The key of the subject in the old layer."""
        return self.former or self.subject


class DiffReport(Node, frozen=True):
    """All that differs, the gravest first; within a class by subject and field. `old` and `new` are the layers' versions; `notes` say what could not be
    compared, or was taken for granted."""

    old: str
    new: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Kind | None:
        """The gravest class among the changes, None where nothing differs."""
        return self.changes[0].kind if self.changes else None

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of a class."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def security(self) -> tuple[Change, ...]:
        """The changes that concern protection, whatever their class."""
        return tuple(change for change in self.changes if change.security is not None)

    def counts(self) -> dict[str, int]:
        """How many changes there are of each class, every class named."""
        return {kind.value: len(self.of(kind)) for kind in Kind}


def in_order(changes: list[Change]) -> tuple[Change, ...]:
    """The changes as a report has them."""
    return tuple(sorted(dict.fromkeys(changes), key=lambda c: (c.kind.rank, c.subject, c.field, c.action, c.before, c.after)))
