"""`pii`, `mask` and `deny` of a column → column policies; what is malformed denies the column."""

from __future__ import annotations

from typing import Any

from app.compile.meta import KEY, misspelt
from app.compile.policies.schema import ColumnMeta, Malformed, check_mask, read_meta
from app.compile.report import Place, Report
from app.model.policy import ColumnPolicy, Mask, MaskKind
from app.model.principal import Role
from app.model.types import DataType

NOTHING = ColumnMeta()
"""Of a column without `meta.datamind`."""


def column_meta(meta: dict[str, Any], misplaced: bool, subject: str, place: Place, report: Report) -> ColumnMeta | None:
    """`meta.datamind` of a column; None where it is malformed (DM2511) or misplaced or misspelt (DM2512): the column must then be denied."""
    wrong = "config.datamind" if misplaced else misspelt(meta)
    if wrong:
        report.error(
            "DM2512",
            f"`{wrong}` of `{subject}` is not where policies are read, so nobody sees the column",
            place.at("config"),
            "write it under `config.meta.datamind`",
        )
        return None
    if KEY not in meta:
        return NOTHING
    try:
        found = read_meta(meta[KEY], ColumnMeta)
        if found.mask:
            check_mask(found.mask)
        if (found.roles or found.exempt_roles) and not (found.pii or found.mask or found.deny):
            raise Malformed("`roles` bind nothing without `pii`, `mask` or `deny`")
    except Malformed as error:
        report.error(
            "DM2511",
            f"`{subject}`: {error}; nobody sees the column until it is mended",
            place.at("config/meta/datamind"),
            "see the keys of `meta.datamind` in docs/problems/DM2xxx.md",
        )
        return None
    return found


def column_policy(meta: ColumnMeta | None, model: str, column: str, kind: DataType) -> ColumnPolicy | None:
    """The policy of a column, or None where it has none.

    Malformed meta (None) denies the column to everybody. `deny` wins over `mask`. A `pii` class without either is masked for everybody but
    admins: a text by `***`, any other type by NULL.
    """
    if meta is NOTHING:
        return None
    name = f"{model}.{column}"
    if meta is None:
        return ColumnPolicy(f"{name}.malformed", model, column)
    roles, exempt = tuple(sorted(set(meta.roles))), tuple(sorted(set(meta.exempt_roles)))
    if meta.deny:
        return ColumnPolicy(name, model, column, None, roles, exempt)
    if meta.mask:
        mask = Mask(meta.mask.kind, meta.mask.replacement, meta.mask.prefix, meta.mask.suffix, meta.mask.pattern)
        return ColumnPolicy(name, model, column, mask, roles, exempt)
    if meta.pii:
        mask = Mask(MaskKind.FIXED if kind in (DataType.TEXT, DataType.OTHER) else MaskKind.NULL)
        return ColumnPolicy(name, model, column, mask, roles, exempt or (() if roles else (Role.ADMIN,)))
    return None
