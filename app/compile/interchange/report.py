"""How an export reports what a format has no word for: kept in the extension, or lost without one."""

from __future__ import annotations

from dataclasses import dataclass

from app.compile.interchange.findings import Findings
from app.errors import Where


@dataclass(frozen=True, slots=True)
class Missing:
    """Reports for one export; `extended` says whether the file has extensions."""

    findings: Findings
    extended: bool
    format: str

    def tell(self, subject: str, reason: str, lost: str, where: Where | None = None) -> None:
        """The plain part lacks something."""
        if self.extended:
            self.findings.kept(subject, f"{self.format} has no word for it: {reason}", lost, where)
        else:
            self.findings.lost(subject, f"{self.format} has no word for it: {reason}", lost, where, code="DM2662")
