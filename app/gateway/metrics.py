"""What Prometheus reads. One registry an app, so that two apps in one process do not share numbers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest

from app.gateway.model_metrics import ModelCollector
from app.ports.model_usage import ModelWatch

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Requests by route template, turns by door and outcome, use cases at work, and what language models did where there are any."""

    def __init__(self, models: ModelWatch | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter("datamind_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry)
        self._seconds = Histogram(
            "datamind_http_request_seconds", "Time to answer.", ("method", "route"), registry=self._registry, buckets=_BUCKETS
        )
        self._turns = Counter("datamind_turns", "Turns by door and how they ended.", ("door", "outcome"), registry=self._registry)
        self.working = Gauge("datamind_working", "Use cases that run on the thread pool or wait for it.", registry=self._registry)
        if models is not None:
            self._registry.register(ModelCollector(models))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a response."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def turned(self, door: str, outcome: str) -> None:
        """Count the end of a turn: answer, clarify, refuse, or a Problem's range such as DM4."""
        self._turns.labels(door, outcome).inc()

    def text(self) -> bytes:
        """The page in Prometheus's text format."""
        return generate_latest(self._registry)
