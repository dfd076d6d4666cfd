"""The kinds of people that policies tell apart: by role, by the groups and users that they name, and by several of these at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.model.policy import AnyPolicy
from app.model.principal import Principal, Role

MOST_SETS = 300
"""At how many sets of groups and users of different standing it ends; each group and user alone is always looked at."""
MOST_NAMED = 5
"""How many of those who are not meant are named."""


@dataclass(frozen=True, slots=True)
class Kind:
    """People of a role who are in all of `groups`, and in no other that a policy names; `user` where they are the one of that address or id."""

    role: Role
    groups: tuple[str, ...] = ()
    user: str = ""

    @property
    def who(self) -> Principal:
        """Somebody who is of that kind."""
        return Principal(self.user, self.user, self.role, "", self.groups)

    @property
    def said(self) -> str:
        """As people call them."""
        groups = " and ".join(self.groups)
        if self.user:
            return f"{self.user} as {self.role}" + (f" of {groups}" if groups else "")
        return f"{self.role}s" + (f" of {groups}" if groups else "")

    def within(self, other: Kind) -> bool:
        """Whether they are people of the other kind who are in more groups, or one of them by name."""
        return self.role is other.role and other.user in ("", self.user) and set(other.groups) <= set(self.groups)

    def more_than(self, other: Kind) -> str:
        """By what they are told from the other kind, which they are within."""
        return " and ".join((*((self.user,) if self.user != other.user else ()), *(one for one in self.groups if one not in other.groups)))


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that are looked at, smaller sets first. `whole` where they are all that the policies tell apart; `named` counts groups and users."""

    kinds: Sequence[Kind]
    whole: bool = True
    named: int = 0


def kinds(policies: Iterable[AnyPolicy]) -> Kinds:
    """Each group and user that the policies name, and of who is in several of them one kind for each way in which the policies can meet.

    A set of groups is bound by what binds any of them and exempt from what exempts any: two sets of which that is the same see the same.
    """
    held = list(policies)
    groups = _standing((policy.groups, policy.exempt_groups) for policy in held)
    users = _standing((policy.users, policy.exempt_users) for policy in held)
    alone = [((), "", 0), *(((name,), "", bits) for name, bits in groups.items()), *(((), name, bits) for name, bits in users.items())]
    known = {(bits, bool(user)) for _, user, bits in alone}
    sets, place = list(alone), 1
    while place < len(sets) and len(sets) < len(alone) + MOST_SETS:
        among, user, bits = sets[place]
        place += 1
        for name, more in groups.items():
            if not {(bits | more, False), (bits | more, bool(user))} & known:
                known.add((bits | more, bool(user)))
                sets.append((tuple(sorted((*among, name))), user, bits | more))
    return Kinds([Kind(role, among, user) for among, user, _ in sets for role in Role], place == len(sets), len(alone) - 1)


def _standing(named: Iterable[tuple[Sequence[str], Sequence[str]]]) -> dict[str, int]:
    """By name, two bits for each policy: whether it binds who is called so, and whether it exempts them."""
    found: dict[str, int] = {}
    for number, sides in enumerate(named):
        for side, names in enumerate(sides):
            for name in names:
                found[name] = found.get(name, 0) | 1 << (2 * number + side)
    return dict(sorted(found.items()))


def called(changed: Sequence[Kind], everybody: Sequence[Kind]) -> tuple[str, ...]:
    """What people call those kinds: the widest ones, each with who of theirs is not among them, and of these who is all the same."""
    those = set(changed)
    left = [kind for kind in everybody if kind not in those]
    found: list[tuple[Kind, Sequence[Kind]]] = []
    for kind in changed:
        if not any(kind.within(wider) and not any(kind.within(one) for one in out) for wider, out in found):
            found.append((kind, _widest(one for one in left if one.within(kind))))
    return tuple(kind.said + _but(kind, out) for kind, out in found)


def _but(kind: Kind, out: Sequence[Kind]) -> str:
    names = [one.more_than(kind) for one in out]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" but not {', '.join(names[:MOST_NAMED])}{more}" if names else ""


def _widest(some: Iterable[Kind]) -> Sequence[Kind]:
    found: list[Kind] = []
    for one in some:
        if not any(one.within(wider) for wider in found):
            found.append(one)
    return found
