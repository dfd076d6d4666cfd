"""`pii`, `mask`, `deny` and `min_group_size` of a column → policies; what is malformed denies the column."""

from __future__ import annotations

from typing import Any

from app.compile.policies.own import Own
from app.compile.policies.schema import ColumnMeta, Malformed, check_declassified, check_mask, is_none
from app.compile.report import Place, Report
from app.model.policy import INHERITED, ColumnPolicy, SizePolicy, class_mask
from app.model.principal import Role
from app.model.types import DataType

NOTHING = ColumnMeta()
"""Of a column without `meta.datamind`."""


def column_meta(
    meta: dict[str, Any], misplaced: bool, subject: str, place: Place, report: Report, kind: DataType = DataType.OTHER
) -> ColumnMeta | None:
    """`meta.datamind` of a column; None where it is malformed (DM2511) or misplaced or misspelt (DM2512): the column must then be denied."""

    def check(found: ColumnMeta) -> None:
        if found.mask:
            check_mask(found.mask, kind)
        check_declassified(found)
        if found.says and not (class_of(found) or found.mask or found.deny or found.min_group_size):
            raise Malformed(f"`{found.says[0]}` bind nothing without `pii`, `mask`, `deny` or `min_group_size`")

    own = Own(ColumnMeta, NOTHING, malformed="DM2511", misplaced="DM2512", check=check)
    return own.read(meta, subject, "the column", place, report, misplaced=misplaced)


def column_policy(meta: ColumnMeta | None, model: str, column: str, kind: DataType, *, ruled: bool = False) -> ColumnPolicy | None:
    """The policy of a column, or None where it has none.

    Malformed meta (None) denies the column to everybody. `deny` wins over `mask`. A `pii` class without either is masked for everybody but
    admins: a text by `***`, any other type by NULL; not where it is `ruled`: a rule for several columns says then what is seen of it.
    """
    if meta is NOTHING:
        return None
    name = f"{model}.{column}"
    if meta is None:
        return ColumnPolicy(f"{name}.malformed", model, column)
    if meta.deny:
        return meta.bind(ColumnPolicy(name, model, column))
    if meta.mask:
        return meta.bind(ColumnPolicy(name, model, column, meta.mask.mask()))
    if class_of(meta):
        if meta.says:
            return meta.bind(ColumnPolicy(name, model, column, class_mask(kind)))
        return None if ruled else ColumnPolicy(name, model, column, class_mask(kind), exempt_roles=(Role.ADMIN.value,))
    return None


def inherited_policy(model: str, column: str, kind: DataType) -> ColumnPolicy:
    """The policy of a column that inherited its PII class: as if the class were written there and nothing else."""
    return ColumnPolicy(f"{model}.{column}", model, column, class_mask(kind), exempt_roles=(Role.ADMIN.value,), source=INHERITED)


def size_policy(meta: ColumnMeta | None, model: str, column: str) -> SizePolicy | None:
    """The least group size of a column, or None where it has none."""
    if meta is None or meta.min_group_size is None:
        return None
    return meta.bind(SizePolicy(f"{model}.{column}.min_group_size", model, column, meta.min_group_size))


def class_of(meta: ColumnMeta | None) -> str:
    """The PII class that is written, "" where none is."""
    return meta.pii if meta is not None and meta.pii is not None and not is_none(meta.pii) else ""
