"""One JSON request over HTTP: bounded in time and bytes, over verified TLS, without redirects, and through no proxy but the settings' own."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.llm import problems
from app.adapters.llm.deadline import Line, within
from app.adapters.llm.retries import Again, asked_wait
from app.adapters.package import files_of
from app.errors import UserError
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable

_PROBE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """`seconds` is for a whole call with its retries; more than `max_bytes` of an answer are not read. `proxy` is a URL and may hold a password."""

    seconds: float = 20.0
    connect_seconds: float = 3.0
    max_bytes: int = 256 << 10
    proxy: str = ""
    ca_file: Path | None = None


class Http:
    """Requests to one provider's address, each on a connection of its own: calls are few and long, and one that hangs can be cut without harm to another."""

    def __init__(self, provider: str, url: str, headers: Mapping[str, str], bounds: Bounds) -> None:
        """Raises ModelUnavailable DM8097 where no HTTP client is installed or the CA file can't be read."""
        try:
            files_of("httpx2", "llm")
            # What the environment says of proxies and certificates does not count: who may read what is sent is for the settings to say.
            self._tls = ssl.create_default_context(cafile=str(bounds.ca_file)) if bounds.ca_file else None
        except OSError as error:
            raise problems.unusable(
                provider, f"DATAMIND_LLM_CA_FILE can't be read: {error.strerror or 'it holds no certificate'}"
            ) from None
        except UserError as error:
            raise problems.unusable(provider, f"{error.problem.message} ({error.problem.hint})") from None
        self._provider = provider
        self._url = url.rstrip("/")
        self._headers = {
            **headers,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "datamind",
            "Content-Type": "application/json",
        }
        self._bounds = bounds

    def __repr__(self) -> str:
        """Without headers and address."""
        return f"Http({self._provider!r})"

    def post(self, path: str, body: Mapping[str, Any], seconds: float, cancel: Cancel | None = None) -> bytes:
        """The answer's bytes; the connection is closed as soon as `cancel` is cancelled.

        Raises Again where another try may help; ModelUnavailable where none does (`Refused` with the status)."""
        status, headers, data = self._send("POST", path, body, seconds, self._bounds.max_bytes, cancel)
        if status == 429 or status >= 500:
            after = asked_wait(headers.get("retry-after", ""), dt.datetime.now(dt.UTC))
            raise Again(problems.unreachable(self._provider, f"status {status}"), after)
        if not 200 <= status < 300:
            raise Refused(self._provider, status)
        if "json" not in headers.get("content-type", ""):
            raise problems.no_json(self._provider, "it is of another content type")
        if headers.get("content-encoding", "identity") != "identity":
            raise problems.no_json(self._provider, "it is compressed, which was not asked for")
        return data

    def probe(self, path: str, seconds: float) -> str:
        """Why a GET of that path says that the provider is not to be had; "" where nothing speaks against it. Never raises."""
        try:
            status, _, _ = self._send("GET", path, None, seconds, _PROBE_BYTES)
        except Again as again:
            return again.fault.problem.message
        except ModelUnavailable as error:
            if error.problem.code == "DM8092":
                return problems.too_slow(self._provider, seconds).problem.message  # what it was given here, not what a draft may take
            return error.problem.message if error.problem.code != "DM8093" else ""  # it answers, and with a long list
        if status in (401, 403):
            return problems.refused(self._provider, status).problem.message
        return problems.unreachable(self._provider, f"status {status}").problem.message if status >= 500 else ""

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float, most: int, cancel: Cancel | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body. No exception of the client leaves here: its words may hold the address."""
        import httpx2

        data = json.dumps(body).encode() if body is not None else None  # in ASCII: what people type may hold half a character
        if seconds <= 0:
            raise problems.too_slow(self._provider, self._bounds.seconds)
        line = Line()
        forget = cancel.on_cancel(line.sever) if cancel is not None else lambda: None
        timeout = httpx2.Timeout(seconds, connect=min(seconds, self._bounds.connect_seconds))
        try:
            with within(seconds, line), self._client(timeout) as client:
                request = client.build_request(
                    method, self._url + path, content=data, extensions={"trace": line.trace, "timeout": timeout.as_dict()}
                )
                answer = client.send(request, stream=True)
                try:
                    return answer.status_code, answer.headers, self._read(answer, most)
                finally:
                    answer.close()
        except ModelUnavailable:
            raise
        except httpx2.ConnectTimeout:
            raise Again(problems.unreachable(self._provider, "no connection within its time")) from None
        except httpx2.TimeoutException:
            raise problems.too_slow(self._provider, self._bounds.seconds) from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError):
            raise problems.unusable(self._provider, "its URL is none") from None
        except (httpx2.HTTPError, OSError) as error:
            if line.cut:
                raise problems.too_slow(self._provider, self._bounds.seconds) from None
            raise Again(problems.unreachable(self._provider, _words(error))) from None
        finally:
            forget()

    def _client(self, timeout: Any) -> Any:
        import httpx2

        if self._tls is None:  # made once: reading the certificates takes longer than a connection
            self._tls = httpx2.create_ssl_context(trust_env=False)
        try:
            return httpx2.Client(
                timeout=timeout,
                headers=self._headers,
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                proxy=self._bounds.proxy or None,
            )
        except (ValueError, ImportError, httpx2.InvalidURL):
            raise problems.unusable(self._provider, "DATAMIND_LLM_PROXY is no URL of a proxy over http or https") from None

    def _read(self, answer: Any, most: int) -> bytes:
        parts, size = [], 0
        for part in answer.iter_raw():
            size += len(part)
            if size > most:
                raise problems.too_long(self._provider, most)
            parts.append(part)
        return b"".join(parts)


class Refused(ModelUnavailable):
    """DM8091, with the status that it is for."""

    def __init__(self, provider: str, status: int) -> None:
        super().__init__(*problems.refused(provider, status).problems)
        self.status = status


def _words(error: Exception) -> str:
    import httpx2

    if isinstance(error, httpx2.ConnectError):
        return "no connection"
    if isinstance(error, httpx2.ProxyError):
        return "the proxy refuses"
    return "the connection broke off"
