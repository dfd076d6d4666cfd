"""A note on a merge request of GitLab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from app.adapters.forge.rest import Rest

TOKENS = ("DATAMIND_GITLAB_TOKEN", "GITLAB_TOKEN")
"""The variables that may hold a token with the scope `api`; a job's own may not write notes."""


@dataclass(frozen=True, slots=True)
class GitLab:
    """The merge request that a pipeline runs for."""

    api: str
    project: str
    number: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> GitLab | None:
        """What the job's variables say; None where there is no merge request, or no token."""
        token = next((environ[name] for name in TOKENS if environ.get(name)), "")
        api, project, number = (environ.get(name, "") for name in ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID"))
        return cls(api, project, number, token) if api and project and number and token else None

    def post(self, marker: str, text: str) -> str:
        """Put the note there, in place of ours that begins with the marker; returns "", since GitLab tells no address. Raises UserError DM1072 or DM1073."""
        notes = f"/projects/{quote(self.project, safe='')}/merge_requests/{quote(self.number, safe='')}/notes"
        with Rest(self.api, {"PRIVATE-TOKEN": self.token, "User-Agent": "datamind"}) as rest:
            own = rest.call("GET", "/user").get("id")
            found = next(
                (
                    note
                    for note in rest.pages(notes, sort="asc", order_by="created_at")
                    if str(note.get("body", "")).startswith(marker) and (note.get("author") or {}).get("id") == own
                ),
                None,
            )
            if found is not None:
                rest.call("PUT", f"{notes}/{int(found['id'])}", {"body": text})
            else:
                rest.call("POST", notes, {"body": text})
        return ""
