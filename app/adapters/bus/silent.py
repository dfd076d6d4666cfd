"""A bus for processes that tell nobody anything: a command that answers one question needs no Redis."""

from __future__ import annotations

from app.ports import Health


class SilentBus:
    """Drops every message, which listeners survive by polling."""

    def publish(self, channel: str, message: str) -> None:
        """Nobody is told."""

    def health(self) -> Health:
        """Down, since nobody hears it."""
        return Health(up=False, detail="no Redis is configured")

    def close(self) -> None:
        """Nothing to give back."""
