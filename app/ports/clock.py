"""The time, and how processes tell each other that something happened."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from app.ports.engines import Health


class Clock(Protocol):
    """The only place that knows the time."""

    def now(self) -> dt.datetime:
        """The current time, aware, in UTC."""


class Bus(Protocol):
    """Tells other processes that something happened; losing a message is allowed, since listeners also poll."""

    def publish(self, channel: str, message: str) -> None:
        """Send; never raises."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""
