"""What a compile reads: one dbt target's artifacts as bytes, and the project's YAML texts for line numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TargetArtifacts:
    """The files of one dbt target path, as they are on disk. `engine` is the name under which placements and queries know that warehouse.

    `compiled` are the SQL texts that dbt wrote beside the manifest, by package and path in it (`shop/models/orders.sql`); each is read when it is asked for.
    """

    engine: str
    manifest: bytes = field(repr=False)
    semantic_manifest: bytes | None = field(default=None, repr=False)
    catalog: bytes | None = field(default=None, repr=False)
    run_results: bytes | None = field(default=None, repr=False)
    compiled: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    sources: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProjectSources:
    """YAML texts by path relative to the project (forward slashes), `dbt_project.yml` included: where problems point to, and the project's `vars`.

    `variables` are those given as with dbt's `--vars`: they win over the `vars` of every file. `newer` are the files that were changed after the first
    target's manifest was written.
    """

    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict)
    newer: frozenset[str] = frozenset()
    manifest: str = "target/manifest.json"
    """Where the first target's manifest is, for people."""
