"""Charts as pictures."""

from __future__ import annotations

from typing import Any, Protocol


class Charts(Protocol):
    """Draws Vega-Lite specifications of ours."""

    def png(self, spec: dict[str, Any]) -> bytes:
        """The chart, whose rows are in the specification.

        Raises UserError DM8085 where what draws is not installed, DM8087 where as many are drawn as may be at a time; InternalError DM8086 where it takes too long
        or fails.
        """
