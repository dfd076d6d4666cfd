"""Settings → the store's policies as a process holds them."""

from __future__ import annotations

from app.ports import Policies
from app.service.held_policies import HeldPolicies
from app.settings import Settings


def policies_of(settings: Settings, policies: Policies) -> HeldPolicies:
    """Those of the settings' project."""
    return HeldPolicies(
        lambda held: policies.current(settings.project_id, held),
        poll_seconds=settings.layer_poll_seconds,
        most_seconds=settings.policy_cache_seconds,
    )
