"""The shape of the store's policies as people write them: the words of dbt's `meta.datamind`, with where they hold."""

from __future__ import annotations

import msgspec

from app.compile.policies.schema import Audience, MaskMeta, Name, NonEmpty, Positive, Seconds, Size


class BoundsText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of a query: rows returned, seconds, rows read from storage."""

    rows: Positive | None = None
    seconds: Seconds | None = None
    scanned_rows: Positive | None = None


class PolicyText(Audience, frozen=True):
    """One policy, with exactly one of `rows`, `mask`, `deny`, `min_group_size` and `limits`."""

    name: Name
    description: str = ""
    enabled: bool = True
    models: tuple[NonEmpty, ...] = ()
    columns: tuple[NonEmpty, ...] = ()
    tags: tuple[NonEmpty, ...] = ()
    pii: tuple[NonEmpty, ...] = ()
    rows: str = ""
    permissive: bool = True
    mask: MaskMeta | None = None
    deny: bool = False
    min_group_size: Size | None = None
    limits: BoundsText | None = None


class PoliciesText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of policies."""

    policies: tuple[PolicyText, ...]
