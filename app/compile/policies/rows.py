"""`access` and `row_filters` of a model → row policies; what is malformed denies the whole model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.compile.expressions import FilterGuard
from app.compile.policies.own import Own
from app.compile.policies.schema import ModelMeta, RowFilter
from app.compile.report import Place, Report
from app.errors import UserError, did_you_mean
from app.model.expr import FALSE, TRUE, Column, Expr
from app.model.physical import ModelColumn
from app.model.policy import RowPolicy
from app.sql.expressions.predicate import parse_predicate
from app.sql.expressions.walk import columns as columns_of

_OWN = Own(ModelMeta, ModelMeta(), malformed="DM2501", misplaced="DM2502")


def model_meta(meta: dict[str, Any], misplaced: bool, model: str, place: Place, report: Report) -> ModelMeta | None:
    """`meta.datamind` of a model; None where it is malformed (DM2501), misplaced or misspelt (DM2502): the model must then be denied."""
    return _OWN.read(meta, model, f"`{model}`", place, report, misplaced=misplaced)


def row_policies(
    meta: ModelMeta | None, model: str, columns: Sequence[ModelColumn], place: Place, report: Report, guard: FilterGuard
) -> tuple[RowPolicy, ...]:
    """The row policies of a model, sorted by name.

    Malformed meta (None), or one filter that is (DM2503 its text, DM2504 a column that the model lacks, DM2505 a name used twice, DM2513 what the `guard` says
    of it over columns of known types), gives the one restrictive policy FALSE, which no other can open. `access: deny` is a permissive FALSE: nothing is seen
    but what a filter admits. `access: allow` is a permissive TRUE where no permissive filter stands.
    """
    if meta is None:
        return (denied(model),)
    policies: dict[str, RowPolicy] = {}
    for number, row_filter in enumerate(meta.row_filters):
        spot = place.at(f"config/meta/datamind/row_filters/{number}/filter")
        predicate = _predicate(row_filter, model, columns, spot, report, guard)
        name = f"{model}.{row_filter.name}"
        if name in policies:
            report.error(
                "DM2505",
                f"two row filters of `{model}` are called `{row_filter.name}`; nobody sees `{model}` until it is mended",
                spot,
                "give each filter its own name",
            )
            predicate = None
        if predicate is None:
            return (denied(model),)
        policies[name] = row_filter.bind(RowPolicy(name, model, predicate, row_filter.permissive))
    opens = any(policy.permissive for policy in policies.values())
    if meta.access == "deny":
        policies[f"{model}.access"] = RowPolicy(f"{model}.access", model, FALSE)
    elif meta.access == "allow" and not opens:
        policies[f"{model}.access"] = RowPolicy(f"{model}.access", model, TRUE)
    elif policies and not opens:
        report.warning(
            "DM2506",
            f"`{model}` has restrictive row filters only, and no permissive one that admits a row: nothing of it is seen",
            place.at("config/meta/datamind"),
            "add `access: allow`",
        )
    return tuple(sorted(policies.values(), key=lambda policy: policy.name))


def denied(model: str) -> RowPolicy:
    """The policy of a model whose own are malformed: it holds for everybody and nothing opens it."""
    return RowPolicy(f"{model}.malformed", model, FALSE, permissive=False)


def _predicate(
    row_filter: RowFilter, model: str, columns: Sequence[ModelColumn], place: Place, report: Report, guard: FilterGuard
) -> Expr | None:
    report.read(place, [row_filter.filter])
    try:
        predicate = parse_predicate(row_filter.filter)
    except UserError as error:
        report.refused(
            error, place, f"row filter `{row_filter.name}` of `{model}`, which nobody sees until it is mended", row_filter.filter
        )
        report.error("DM2503", f"row filter `{row_filter.name}` cannot be read, so nobody sees `{model}`", place)
        return None
    needs = {column.name for column in columns_of(predicate)}
    known = {column.name: column for column in columns}
    missing = sorted(needs - set(known))
    if missing:
        hint = did_you_mean(missing[0], known) or "describe the column in YAML, or read a catalog"
        report.error(
            "DM2504",
            f"row filter `{row_filter.name}` names `{missing[0]}`, which `{model}` does not have, so nobody sees `{model}`",
            report.named(place, Column(missing[0])),
            hint,
        )
        return None
    # Without a catalog an attribute is of no type but text, and would be refused beside the number that its column may well be.
    typed = all(known[name].native_type for name in needs)
    wrong = guard(predicate, {column.name: column.type for column in columns}) if typed else None
    if wrong is not None:
        report.error(
            "DM2513",
            f"row filter `{row_filter.name}` can't be written as SQL, so nobody sees `{model}`: {wrong.message}",
            place,
            wrong.hint,
        )
        return None
    return predicate
