"""What the gateway is told by value."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.service.webhooks import WebhookSettings

PREFIX = "/api/v1"
"""Everything but probes' copies, the Prometheus page and the OpenAPI page lies under it."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """`threads` bounds the use cases that run at a time; `body_seconds` is how long a request's body may take to arrive; no origin means no CORS. Webhooks, whose
    signature is over the whole body, may have `max_webhook_bytes`, and twice the time: GitHub sends up to 25 MB."""

    version: str = "0.1.0"
    cors_origins: tuple[str, ...] = ()
    threads: int = 16
    max_body_bytes: int = 1_000_000
    max_webhook_bytes: int = 25 * 1024 * 1024
    body_seconds: float = 5.0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
