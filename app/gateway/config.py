"""What the gateway is told by value."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "/api/v1"
"""Everything but probes' copies, the Prometheus page and the OpenAPI page lies under it."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """`threads` bounds the use cases that run at a time; `body_seconds` is how long a request's body may take to arrive; no origin means no CORS."""

    version: str = "0.1.0"
    cors_origins: tuple[str, ...] = ()
    threads: int = 16
    max_body_bytes: int = 1_000_000
    body_seconds: float = 10.0
