"""Syntax nodes that a statement may hold. A class of node that is not named here is refused, whatever the parser learns to read.

Function calls are judged by the name they bear in the text (`functions.py`), not by their node: the parser gives many of them nodes of their own.
"""

from __future__ import annotations

from sqlglot import exp

from app.sql.allowlist.by_kind import ByKind
from app.sql.allowlist.words import words

QUERIES: frozenset[type[exp.Expr]] = frozenset({exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.Values})
"""Nodes that yield rows."""

STRUCTURE: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: words(
        "with_ expressions distinct from_ joins where prewhere group having windows order limit offset qualify sample limit_by"
    ),
    exp.Union: words("with_ this expression distinct order limit offset"),
    exp.Intersect: words("with_ this expression distinct order limit offset"),
    exp.Except: words("with_ this expression distinct order limit offset"),
    exp.Subquery: words("this alias with_ joins order limit offset"),
    exp.Values: words("expressions alias"),
    exp.With: words("expressions recursive"),
    exp.CTE: words("this alias materialized scalar"),
    exp.Table: words("this db alias joins sample ordinality"),
    exp.TableAlias: words("this columns"),
    exp.TableSample: words("size"),
    exp.Join: words("this side kind on using method expressions global_"),
    exp.Lateral: words("this alias ordinality"),
    exp.Group: words("expressions grouping_sets cube rollup totals all"),
    exp.Star: words("except_"),
    exp.Column: words("this table db"),
    exp.Ordered: words("this desc nulls_first with_fill"),
    exp.LimitOptions: words("rows with_ties"),
    exp.Limit: words("expression limit_options expressions"),
    exp.Fetch: words("direction count limit_options"),
}
"""Nodes that shape a query, with the parts that each may have: one that is not named is refused."""

_PLAIN = """
Identifier Alias Paren And Or Xor Not EQ NEQ NullSafeEQ NullSafeNEQ GT GTE LT LTE Is Between In Exists Any All Like ILike SimilarTo RegexpLike RegexpILike Escape
Add Sub Mul Div IntDiv Mod Pow Neg DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift
Literal Boolean Null National
RawString UnicodeString ByteString Interval IntervalSpan Var Cast TryCast DataType DataTypeParam CastToStrType Case If Tuple Array Bracket Slice
JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar JSONPath JSONPathRoot JSONPathKey JSONPathSubscript
ArrayContainsAll ArrayContainedBy ArrayOverlaps JSONBContains JSONBContainsAllTopKeys JSONBContainsAnyTopKeys JSONBDeleteAtPath
AtTimeZone Collate Extract Window WindowSpec Filter WithinGroup IgnoreNulls RespectNulls Distinct Order Where Having PreWhere From Final Offset Qualify
GroupingSets Cube Rollup Lambda Kwarg PropertyEQ Unnest Explode ExplodingGenerateSeries JSONColumnDef WithFill Anonymous AnonymousAggFunc CombinedAggFunc
ParameterizedAgg CombinedParameterizedAgg CurrentDate CurrentTimestamp CurrentTime Localtime Localtimestamp Overlaps
"""
PLAIN: frozenset[type[exp.Expr]] = frozenset(getattr(exp, name) for name in words(_PLAIN) if hasattr(exp, name))
"""Nodes of expressions, with whatever parts they have."""

BOUND: frozenset[type[exp.Expr]] = frozenset({exp.Parameter, exp.Placeholder})
"""Bound parameters: never written, only put in by governance."""

REFUSED_CALLS: frozenset[type[exp.Expr]] = frozenset(
    getattr(exp, name)
    for name in words(
        """
        CurrentUser CurrentRole CurrentSchema CurrentSchemas CurrentCatalog CurrentDatabase SessionUser Version CurrentUserId CurrentAccount
        CurrentWarehouse CurrentSession CurrentStatement CurrentTransaction UserDefinedFunction Columns
        Apply ConnectByRoot JSONCast NetFunc NextValueFor SafeFunc StructExtract ToMap Try WeekStart
        """
    )
    if hasattr(exp, name)
)
"""Calls that are written without a name before a bracket, which the catalogues of names would not see (`* APPLY(f)` calls `f`)."""


ALLOWED = ByKind(lambda kind: kind in STRUCTURE or kind in PLAIN or (issubclass(kind, exp.Func) and kind not in REFUSED_CALLS))
"""What `is_allowed` says, by the class of the node."""


def is_allowed(node: exp.Expr) -> bool:
    """Whether the class of the node may stand in a statement at all: structure, expression, or a call that is judged by its name."""
    return ALLOWED[type(node)]


def stray_part(node: exp.Expr) -> str:
    """The name of a part that a node of STRUCTURE may not have, or ""."""
    allowed = STRUCTURE[type(node)]
    for name, value in node.args.items():
        if value and name not in allowed:
            return name
    return ""
