"""Who asks."""

from __future__ import annotations

from enum import StrEnum

from app.model.base import Node


class Role(StrEnum):
    """What a person may do, least first: a viewer sees shared answers, an analyst asks and gives feedback, an admin also governs."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Principal(Node, frozen=True):
    """The person for whom a turn runs. `attributes` are the (name, value) pairs that row filters read, sorted by name."""

    user_id: str
    email: str
    role: Role
    project_id: str
    groups: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def is_admin(self) -> bool:
        """Whether governed SQL and other people's records may be shown."""
        return self.role is Role.ADMIN

    def attribute(self, name: str) -> str | None:
        """The attribute's value, or None where the person has none of that name."""
        return dict(self.attributes).get(name)
