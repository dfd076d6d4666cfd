"""DM2709."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.compile.lint.edit import Edit
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.model.expr import Binary, Call, Case, Cast, Column, Expr, Literal, Negate
from app.model.metrics import Derived
from app.sql.expressions.text import expression_text
from app.sql.expressions.walk import children, columns

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(?P<slash>/\s*)""", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*(?![\w.])(?!\s*(?:::|\[|\(|\^|\*\*))")


class UnguardedDivision(Rule):
    """A division by something that may be zero.

    Here it gives NULL. In dbt's own semantic layer the expression goes to the warehouse as it is: PostgreSQL stops with an error, ClickHouse gives
    infinity, and one empty period takes the whole query down. Metrics of type `ratio` are guarded by themselves. For example
    `{type: derived, type_params: {expr: revenue / orders, metrics: [revenue, orders]}}`.
    """

    code = "DM2709"
    fixable = True

    def check(self, project: Linted) -> Iterator[Finding]:
        """Each divisor of a derived metric, a measure or a dimension that is neither a number nor guarded."""
        for subject, place, written, expr in _expressions(project):
            divisors = tuple(dict.fromkeys(_unguarded(expr)))
            if not divisors or project.raw(place).lower().count("nullif") > written.lower().count("nullif"):
                continue  # mended in the YAML, and not parsed since
            begins = [match.end() for match in _TOKEN.finditer(written) if match["slash"]]
            for divisor in divisors:
                said = expression_text(divisor)
                offset = next((at for at in begins if _begins(written[at:], divisor)), None)
                yield Finding(
                    f"{subject} divides by `{said}` without a guard: where that is zero it is NULL here, an error or infinity in dbt's semantic layer",
                    place if offset is None else place.inside(written, offset),
                    f"write `nullif({said}, 0)`",
                    subject,
                )

    def fix(self, project: Linted, finding: Finding) -> Sequence[Edit]:
        """`nullif(…, 0)` around a divisor that is a plain name."""
        found, place = project.lines(finding.place), finding.place
        if found is None or not place.text:
            return ()
        line, column, lines = found
        name = _NAME.match(lines[line - 1], column - 1)
        if (
            name is None
            or not place.text.startswith(name.group(), place.offset)
            or not lines[line - 1][: column - 1].rstrip().endswith("/")
        ):
            return ()
        if not _takes_commas(project.raw(place), place.text):
            return ()
        return (Edit(place.file, line, column, name.group(), f"nullif({name.group()}, 0)"),)


def _expressions(project: Linted) -> Iterator[tuple[str, Place, str, Expr]]:
    """What holds an expression with a division, where that stands, its text, and its tree."""
    nodes = project.node_of_metric
    for metric in project.metrics:
        node = nodes.get(metric.name)
        if isinstance(metric.params, Derived) and node is not None and "/" in str(node.type_params.expr):
            yield f"metric `{metric.name}`", project.metric(metric.name, "type_params/expr"), str(node.type_params.expr), metric.params.expr
    for model, owner in project.semantic_models:
        if not is_own(model.file):
            continue
        written = {("measure", m.name): m.expr for m in owner.measures or ()} | {
            ("dimension", d.name): d.expr for d in owner.dimensions or ()
        }
        kept = [("measure", m.name, m.expr) for m in model.measures] + [("dimension", d.name, d.expr) for d in model.dimensions]
        for kind, name, expr in kept:
            text = written.get((kind, name))
            if isinstance(text, str) and "/" in text:
                yield f"{kind} `{name}`", Place(f"{kind}.{model.name}.{name}", model.file, "expr"), text, expr
        for measure in model.measures:
            node = nodes.get(measure.name)
            if project.carries(model, measure) and node is not None and "/" in str(node.type_params.expr):
                yield f"metric `{measure.name}`", project.metric(measure.name, "expr"), str(node.type_params.expr), measure.expr


def _unguarded(expr: Expr, asked: frozenset[Column] = frozenset()) -> Iterator[Expr]:
    """The divisors that may be zero; one of which a CASE around it asks something is the writer's business."""
    if isinstance(expr, Case):
        asked |= frozenset(column for when, _ in expr.whens for column in columns(when))
    if isinstance(expr, Binary) and expr.op == "/" and not _is_safe(expr.right) and not asked & frozenset(columns(expr.right)):
        yield expr.right
    for child in children(expr):
        yield from _unguarded(child, asked)


def _is_safe(expr: Expr) -> bool:
    """Whether the divisor can't be zero, or says itself what then."""
    match expr:
        case Literal(value=value):
            return value is None or str(value).strip("0.-") != ""
        case Call(name="nullif" | "exp") | Case():
            return True
        case Call(name="greatest", args=args):
            return any(isinstance(arg, Literal) and _is_safe(arg) for arg in args)
        case Call(name="coalesce", args=args):
            return all(map(_is_safe, args))
        case Cast(arg=arg) | Negate(arg=arg) | Call(name="abs", args=(arg,)):
            return _is_safe(arg)
        case Binary(op="*", left=left, right=right):
            return _is_safe(left) and _is_safe(right)
        case _:
            return False


def _takes_commas(raw: str, text: str) -> bool:
    """Whether a comma within the value, which is written so, stays within it: in quotes, in a block of lines, or where nothing else is on its line."""
    return raw[:1] in ("'", '"', "|", ">") or raw.partition("\n")[0].partition(" #")[0].strip() == text.strip()


def _begins(rest: str, divisor: Expr) -> bool:
    """Whether a text begins with the divisor: a plain name, or something in parentheses."""
    if isinstance(divisor, Column):
        name = _NAME.match(rest)
        return name is not None and name.group().lower() == divisor.name.lower()
    return rest.startswith("(")
