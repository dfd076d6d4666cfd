"""`column_rules` and `limits` of a model → policies; what names a column that is not there denies the whole model."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.compile.policies.rows import denied
from app.compile.policies.schema import ColumnRule, Malformed, ModelMeta, check_mask
from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, LimitPolicy, SizePolicy


def rule_policies(
    meta: ModelMeta | None, model: str, columns: Sequence[ModelColumn], place: Place, report: Report
) -> tuple[tuple[ColumnPolicy, ...], tuple[SizePolicy, ...]] | None:
    """The policies that the rules give the model's columns; None where a rule is malformed (DM2510): the model must then be denied."""
    shown: list[ColumnPolicy] = []
    sized: list[SizePolicy] = []
    for number, rule in enumerate(meta.column_rules if meta is not None else ()):
        if wrong := _wrong(rule, columns):
            report.error(
                "DM2510",
                f"column rule `{rule.name}` of `{model}`: {wrong}; nobody sees `{model}` until it is mended",
                place.at(f"config/meta/datamind/column_rules/{number}"),
                "see docs/policies.md",
            )
            return None
        for column in columns:
            if not _selects(rule, column):
                continue
            name = f"{model}.{rule.name}.{column.name}"
            if rule.deny or rule.mask is not None:
                mask = rule.mask.mask() if rule.mask is not None and not rule.deny else None
                shown.append(rule.bind(ColumnPolicy(name, model, column.name, mask)))
            if rule.min_group_size is not None:
                sized.append(rule.bind(SizePolicy(f"{name}.min_group_size", model, column.name, rule.min_group_size)))
    return tuple(shown), tuple(sized)


def ruled_anew(model: Model, columns: Sequence[ModelColumn], meta: ModelMeta | None, place: Place, report: Report) -> Model:
    """The model with these columns, and with what its own rules say of them now: some select by PII class, which columns inherit."""
    before = replace(model, columns=tuple(columns))
    if meta is None or not any(rule.pii for rule in meta.column_rules) or model.row_policies == (denied(model.name),):
        return before
    ruled = rule_policies(meta, model.name, columns, place, report)
    if ruled is None:
        return replace(before, row_policies=(denied(model.name),))
    shown, sized = ({policy.name: policy for policy in kind} for kind in ruled)
    return replace(
        before,
        column_policies=tuple(sorted((*(one for one in model.column_policies if one.name not in shown), *shown.values()), key=_name)),
        size_policies=tuple(sorted((*(one for one in model.size_policies if one.name not in sized), *sized.values()), key=_name)),
    )


def _name(policy: ColumnPolicy | SizePolicy) -> str:
    return policy.name


def limit_policies(meta: ModelMeta | None, model: str) -> tuple[LimitPolicy, ...]:
    """The bounds of queries that read the model, sorted by name."""
    rules = sorted(meta.limits if meta is not None else (), key=lambda rule: rule.name)
    return tuple(
        rule.bind(LimitPolicy(f"{model}.{rule.name}", model, rule.rows or 0, rule.seconds or 0.0, rule.scanned_rows or 0)) for rule in rules
    )


def _selects(rule: ColumnRule, column: ModelColumn) -> bool:
    return column.name in rule.columns or not set(column.pii_classes).isdisjoint(rule.pii) or not set(column.tags).isdisjoint(rule.tags)


def _wrong(rule: ColumnRule, columns: Sequence[ModelColumn]) -> str:
    """What is wrong with a rule, "" where nothing is."""
    if not (rule.deny or rule.mask or rule.min_group_size):
        return "it says nothing of what is seen: give `deny`, `mask` or `min_group_size`"
    if not (rule.columns or rule.tags or rule.pii):
        return "it names no columns: give `columns`, `tags` or `pii`"
    names = [column.name for column in columns]
    missing = next((name for name in rule.columns if name not in names), "")
    if missing:
        return f"there is no column `{missing}`{f' ({hint})' if (hint := did_you_mean(missing, names)) else ''}"
    try:
        if rule.mask is not None:
            check_mask(rule.mask)
            for column in columns:
                if _selects(rule, column):
                    check_mask(rule.mask, column.type)
    except Malformed as error:
        return str(error)
    return ""
