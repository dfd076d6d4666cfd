"""Jobs as every door writes them in JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from app.model.jobs import Job
from app.service.present import fields

_JSON = ("arguments", "problems", "result")


def job_body(job: Job) -> dict[str, Any]:
    """A job with every field but its project; what is kept as JSON is written out."""
    body = fields(job, "project_id")
    return body | {name: msgspec.json.decode(body[name]) for name in _JSON}
