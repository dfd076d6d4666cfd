"""A vendor over HTTP, with its retries: what it says, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.llm.given_up import stop_if_given_up
from app.adapters.llm.http import Bounds, Http, Refused
from app.adapters.llm.retries import Patience, Time, retried
from app.adapters.llm.vendor import Said, Vendor, read
from app.model.prompt import Message
from app.ports import Cancel

_NOT_KNOWN = (400, 404, 415, 422, 501)
"""What servers answer that do not know a part of a request."""
_PROBE_SECONDS = 3.0


class HttpSpeaker:
    """One vendor's model. A server that refuses the structured form is asked without it, and from then on if that helped."""

    def __init__(self, vendor: Vendor, bounds: Bounds, *, patience: Patience | None = None, time: Time | None = None) -> None:
        """Raises ModelUnavailable DM8097 where nothing can be asked from here."""
        self._vendor = vendor
        self._bounds = bounds
        self._patience = patience or Patience()
        self._time = time or Time()
        self._http = Http(vendor.provider, vendor.access.url, vendor.headers(), bounds)

    @property
    def provider(self) -> str:
        """The vendor's name."""
        return self._vendor.provider

    @property
    def model(self) -> str:
        """The vendor's name of the model."""
        return self._vendor.access.model

    @property
    def wordy(self) -> bool:
        """Whether its JSON may stand among words and fences."""
        return self._vendor.wordy

    def say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None = None) -> Said:
        """What it says. Raises ModelUnavailable."""
        ends = self._time.monotonic() + self._bounds.seconds
        try:
            return self._asked(self._vendor, messages, schema, self._bounds.seconds, cancel)
        except Refused as refused:
            looser = self._vendor.looser
            if looser is None or refused.status not in _NOT_KNOWN:
                raise
        said = self._asked(looser, messages, schema, ends - self._time.monotonic(), cancel)
        self._vendor = looser
        return said

    def reach(self) -> str:
        """Why it can't be reached, "" where it can; no token is spent."""
        return self._http.probe(self._vendor.probe, _PROBE_SECONDS)

    def _asked(self, vendor: Vendor, messages: Sequence[Message], schema: Mapping[str, Any], seconds: float, cancel: Cancel | None) -> Said:
        request = vendor.request(messages, schema)

        def attempt(left: float) -> bytes:
            stop_if_given_up(cancel, vendor.provider)
            return self._http.post(request.path, request.body, left, cancel)

        return read(vendor, retried(attempt, self._patience, seconds, self._time))
