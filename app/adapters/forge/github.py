"""A comment on a pull request of GitHub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.forge.rest import Rest
from app.errors import UserError


@dataclass(frozen=True, slots=True)
class GitHub:
    """The pull request that a workflow runs for."""

    api: str
    repository: str
    number: int
    token: str = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> GitHub | None:
        """What the runner's variables say; None where there is no pull request, or no token."""
        number = _number(environ.get("GITHUB_EVENT_PATH", ""))
        repository, token = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_TOKEN", "")
        if not (number and repository and token):
            return None
        return cls(environ.get("GITHUB_API_URL") or "https://api.github.com", repository, number, token)

    def post(self, marker: str, text: str) -> str:
        """Put the comment there, in place of ours that begins with the marker, and return its address. Raises UserError DM1072 or DM1073."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "datamind",
        }
        with Rest(self.api, headers) as rest:
            own = _own_name(rest)
            comments = rest.pages(f"/repos/{self.repository}/issues/{self.number}/comments")
            found = next((c for c in comments if str(c.get("body", "")).startswith(marker) and _is_ours(c.get("user") or {}, own)), None)
            if found is not None:
                answer = rest.call("PATCH", f"/repos/{self.repository}/issues/comments/{int(found['id'])}", {"body": text})
            else:
                answer = rest.call("POST", f"/repos/{self.repository}/issues/{self.number}/comments", {"body": text})
        return str(answer.get("html_url", ""))


def _own_name(rest: Rest) -> str:
    """Whose token it is, "" for that of a workflow, which is no person's."""
    try:
        return str(rest.call("GET", "/user").get("login", ""))
    except UserError:
        return ""


def _is_ours(user: Mapping[str, Any], own: str) -> bool:
    """Whether we wrote it. Somebody else's comment with our marker stays theirs: they could change afterwards what seems to be said by us."""
    return str(user.get("login", "")) == own if own else user.get("type") == "Bot"


def _number(event: str) -> int:
    """The pull request's number in the event's file, 0 where it is of none."""
    try:
        found = json.loads(Path(event).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    request = found.get("pull_request") if isinstance(found, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    return number if isinstance(number, int) else 0
