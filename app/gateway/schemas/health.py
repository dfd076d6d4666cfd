"""Bodies of probes."""

from __future__ import annotations

from pydantic import Field

from app.gateway.schemas.base import Reply


class ComponentReply(Reply):
    """One part: `status` is up, down, degraded or off."""

    status: str
    ms: float
    detail: str


class HealthReply(Reply):
    """How the service does. `health_score` is the share of configured parts that answer, 0 to 1."""

    version: str
    operational_mode: str = Field(examples=["FULL_OPERATIONAL"])
    health_score: float
    components: dict[str, ComponentReply]
    sources: dict[str, ComponentReply]
    uptime_seconds: float


class AliveReply(Reply):
    """The process answers."""

    status: str = Field(examples=["alive"])


class ReadyReply(Reply):
    """The process can answer questions."""

    status: str = Field(examples=["ready"])
