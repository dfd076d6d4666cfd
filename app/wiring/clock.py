"""The clock of the machine."""

from __future__ import annotations

import datetime as dt


class SystemClock:
    """The computer's clock."""

    def now(self) -> dt.datetime:
        """The current time, aware, in UTC."""
        return dt.datetime.now(dt.UTC)
