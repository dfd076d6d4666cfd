"""Policies that admins write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.written_policy import Effect, PolicyChange, WrittenPolicy


@dataclass(frozen=True, slots=True)
class PolicyFilter:
    """Which policies a list shows: of these effects (none: all), enabled or not (None: both), whose name holds `text`."""

    effects: tuple[Effect, ...] = ()
    enabled: bool | None = None
    text: str = ""


class Policies(Protocol):
    """The policies of each project, and all that was ever changed of them."""

    def current(self, project_id: str, held: int) -> tuple[int, Sequence[WrittenPolicy]] | None:
        """The number of the project's last change (0: there was none) with all its policies by name; None where `held` is that number."""

    def get(self, policy_id: str, project_id: str) -> WrittenPolicy | None:
        """The policy of that id or name in the project."""

    def page(self, project_id: str, wanted: PolicyFilter, after: str, limit: int) -> Sequence[WrittenPolicy]:
        """At most `limit` policies that are wanted, ids ascending, after the id `after` ("" for the first page)."""

    def add(self, policy: WrittenPolicy) -> None:
        """Keep a new policy. Raises UserError DM7041 where the project has one of that name."""

    def change(
        self, policy_id: str, project_id: str, revision: int, change: Callable[[WrittenPolicy], WrittenPolicy]
    ) -> tuple[WrittenPolicy, WrittenPolicy]:
        """Keep what `change` makes of the policy, with the next revision; gives it as it was and as it is.

        Raises UserError DM7040 where there is none, DM7042 where it is at another revision (0 is any), DM7041 where the new name is another's.
        """

    def remove(self, policy_id: str, project_id: str, revision: int, gone: Callable[[WrittenPolicy], WrittenPolicy]) -> WrittenPolicy:
        """Take the policy away and give it as it was; `gone` marks who did, when. Raises UserError DM7040, DM7042."""

    def history(self, policy_id: str, project_id: str, before: int, limit: int) -> Sequence[PolicyChange]:
        """At most `limit` changes of the policy, newest first, with numbers below `before` (0: from the newest on); of one that is gone too."""
