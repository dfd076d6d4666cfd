"""vl-convert runs Vega in an engine of JavaScript of its own: what takes too long or crashes there must not take a gateway with it, so each chart is drawn by a
process that ends with it (0.6 s, 90 MB)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from app.errors import InternalError, Problem, UserError

SECONDS = 20.0
MOST = 2
"""How many are drawn at a time."""
WAIT_SECONDS = 10.0
MOST_BYTES = 16 << 20
NEEDED = ("vl_convert", "pymupdf_fonts")
_DRAW = Path(__file__).with_name("draw.py")
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "HOME")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class VegaCharts:
    """Draws by `draw.py`, so many at a time."""

    def __init__(self, *, most: int = MOST, seconds: float = SECONDS, wait_seconds: float = WAIT_SECONDS, program: Path = _DRAW) -> None:
        self._places = threading.BoundedSemaphore(most)
        self._seconds, self._wait, self._program = seconds, wait_seconds, program

    def png(self, spec: dict[str, Any]) -> bytes:
        """As the port says."""
        if missing := [name for name in NEEDED if find_spec(name) is None]:
            hint = "pip install 'datamind[exports]'"
            raise UserError(Problem("DM8085", f"charts can't be drawn here: {', '.join(missing)} is not installed", hint=hint))
        if not self._places.acquire(timeout=self._wait):
            raise UserError(Problem("DM8087", "others have charts drawn already", hint="try again in a moment"))
        try:
            return self._drawn(_ENCODER.encode(spec))
        finally:
            self._places.release()

    def _drawn(self, spec: bytes) -> bytes:
        """The picture from a process that sees no variable of ours: nothing secret stands in its environment. Its clock is UTC, as the times of rows are."""
        given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"TZ": "UTC"}
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(self._program)], input=spec, capture_output=True, check=False, timeout=self._seconds, env=given
            )
        except subprocess.TimeoutExpired:
            raise InternalError(Problem("DM8086", f"the chart was not drawn within {self._seconds:g} seconds", hint=_HINT)) from None
        except OSError as error:
            raise InternalError(Problem("DM8086", f"nothing can be started that draws: {error.strerror}", hint=_HINT)) from None
        if done.returncode or not done.stdout.startswith(b"\x89PNG") or len(done.stdout) > MOST_BYTES:
            raise InternalError(Problem("DM8086", "the chart could not be drawn", hint=_HINT))
        return done.stdout


_HINT = "take the rows as csv or xlsx; ask again for fewer of them"
