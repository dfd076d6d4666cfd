"""Versions as every door writes them in JSON, and in a line for people."""

from __future__ import annotations

from typing import Any

from app.compile.diff.report import Change
from app.model.versions import Candidate, Publication
from app.service.present import fields
from app.service.publishing import Published
from app.service.sync import SyncReport
from app.service.versions import Shown, Version


def publication_body(one: Publication) -> dict[str, Any]:
    """A publication; hashes in full, `version` as answers name it."""
    return {**fields(one, "id", "project_id", "code_hash"), "version": one.version, "restores": one.restores or None}


def published_body(made: Published) -> dict[str, Any]:
    """A version that was just made the served one."""
    return {**publication_body(made.version), "problems": made.problems}


def candidate_body(one: Candidate) -> dict[str, Any]:
    """A candidate."""
    return {**fields(one, "project_id", "base_hash", "code_hash"), "version": one.version}


def change_body(change: Change) -> dict[str, Any]:
    """One difference, every field of it."""
    body = fields(change)
    return {"class": body.pop("kind"), **body}


def sync_body(report: SyncReport) -> dict[str, Any]:
    """What a sync found and did."""
    return {
        "published": report.published,
        "number": report.number,
        "layer_version": report.layer_version,
        "metrics": report.metrics,
        "models": report.models,
        "problems": report.problems,
        "training": report.training,
        "refused": report.refused,
        "changes": [change_body(change) for change in report.report.changes] if report.report is not None else [],
    }


def version_body(one: Version) -> dict[str, Any]:
    """Either of them."""
    return publication_body(one) if isinstance(one, Publication) else candidate_body(one)


def shown_body(found: Shown) -> dict[str, Any]:
    """A version with what it changed."""
    report = found.report
    return {
        "version": version_body(found.version),
        "since": publication_body(found.since) if found.since is not None else None,
        "counts": report.counts() if report is not None else {},
        "changes": [change_body(change) for change in report.changes] if report is not None else [],
        "notes": report.notes if report is not None else (),
    }


def title(one: Version) -> str:
    """What it is, in a line."""
    commit = f", commit {one.git_commit[:10]}" if one.git_commit else ""
    reason = f": {one.reason}" if one.reason else ""
    if isinstance(one, Candidate):
        return f"candidate {one.id}, layer {one.version}, {one.state}, compiled {one.compiled_at:%Y-%m-%d %H:%M} by {one.compiled_by}{commit}{reason}"
    back = f" to version {one.restores}" if one.restores else ""
    return (
        f"version {one.number}, layer {one.version}, published {one.published_at:%Y-%m-%d %H:%M} by {one.published_by} "
        f"({one.origin}{back}){commit}{reason}"
    )
