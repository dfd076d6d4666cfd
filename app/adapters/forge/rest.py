"""JSON over HTTP with a token that nothing ever prints."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from app.errors import Problem, Severity, UserError

_SECONDS = 20.0
_PAGE = 100
_MOST_PAGES = 50


class Rest:
    """The API at `base`. Redirects are not followed: they could carry the token elsewhere."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        """Raises UserError DM1073 where the package that speaks HTTP is not installed."""
        try:
            import httpx2
        except ImportError:
            raise UserError(
                Problem("DM1073", "posting needs the package httpx2", Severity.WARNING, hint="install DataMind with its extra `ci`")
            ) from None
        self._errors = (httpx2.HTTPError, httpx2.InvalidURL)
        self._client = httpx2.Client(timeout=_SECONDS, headers=dict(headers), follow_redirects=False)
        self._base = base.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: object = None, **query: str | int) -> Any:
        """The answer's JSON. Raises UserError DM1072, a warning, for all but success."""
        try:
            answer = self._client.request(method, self._base + path, params=query or None, json=body)
            if answer.is_success:
                return answer.json()
        except self._errors as error:
            raise _refused(method, path, type(error).__name__, "is the address of the API right?") from None
        except ValueError:
            raise _refused(method, path, "an answer that is no JSON", "is the address of the API right?") from None
        hint = _RIGHTS if answer.status_code in (401, 403, 404) else "it may work later; the comment is in the job's summary or file"
        raise _refused(method, path, f"status {answer.status_code}", hint)

    def pages(self, path: str, **query: str | int) -> Any:
        """The entries of a list, page by page. Raises as `call`."""
        for page in range(1, _MOST_PAGES + 1):
            entries = self.call("GET", path, per_page=_PAGE, page=page, **query)
            if not isinstance(entries, list):
                raise _refused("GET", path, "an answer that is no list", "is the address of the API right?")
            yield from entries
            if len(entries) < _PAGE:
                return


_RIGHTS = "the token may not write there: `permissions: pull-requests: write` on GitHub, a token with the scope `api` on GitLab; that of a fork never may"


def _refused(method: str, path: str, why: str, hint: str) -> UserError:
    return UserError(Problem("DM1072", f"the comment could not be posted: {method} {path} gave {why}", Severity.WARNING, hint=hint))
