"""Types of columns and grains of times: which of two lets through less than the other."""

from __future__ import annotations

import re

from app.compile.diff.report import Kind
from app.model.types import DataType, Grain
from app.sql.native_types import data_type

_WRAPPED = re.compile(r"(?:nullable|lowcardinality)\((.*)\)", re.IGNORECASE)
_SIZED = re.compile(r"([a-z0-9_ ]+?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*$")
_BITS = {"smallint": 16, "int2": 16, "integer": 32, "int": 32, "int4": 32, "bigint": 64, "int8": 64, "real": 32, "float4": 32,
         "double precision": 64, "float8": 64}  # fmt: skip
_FLOATS = frozenset({"real", "float4", "double precision", "float8"})
_UNBOUNDED = {"text": "text", "string": "text", "varchar": "text", "character varying": "text", "numeric": "decimal"}
_CLICKHOUSE = re.compile(r"\b(U?)(Int|Float)(\d+)\b")
_NUMBERED = re.compile(r"(u?)(int|float)_of_(\d+)_bits$")


def grain_changed(old: Grain | None, new: Grain | None) -> Kind:
    """A coarser grain takes finer periods away; a finer one gives other periods where none is named. Without a grain before, nothing is taken away."""
    if old is not None and (new is None or new.order > old.order):
        return Kind.BREAKING
    return Kind.MEANING


def type_changed(old: str, new: str) -> Kind:
    """What a column's native type becoming another does to those who read it.

    Wider (every value of the old type is one of the new) is additive, narrower is breaking, another family of types is breaking. Spelled otherwise it
    is cosmetic. Where it can't be told, and where a type becomes known or unknown, rows may come out otherwise: meaning.
    """
    left, right = _plain(old), _plain(new)
    if left == right:
        return Kind.COSMETIC if _nullable(old) == _nullable(new) else Kind.MEANING
    if not left or not right:
        return Kind.MEANING
    families = data_type(old), data_type(new)
    if families[0] is not families[1]:
        return Kind.MEANING if DataType.OTHER in families else Kind.BREAKING
    if _nullable(old) != _nullable(new):
        return Kind.MEANING
    widths = _width(left), _width(right)
    if widths[0] is None or widths[1] is None or widths[0][0] != widths[1][0]:
        return Kind.MEANING
    if widths[0] == widths[1]:
        return Kind.COSMETIC
    if all(a <= b for a, b in zip(widths[0][1], widths[1][1], strict=True)):
        return Kind.ADDITIVE
    if all(a >= b for a, b in zip(widths[0][1], widths[1][1], strict=True)):
        return Kind.BREAKING
    return Kind.MEANING


def _plain(native: str) -> str:
    """The type in one spelling, unwrapped. ClickHouse's Int8 has 8 bits, PostgreSQL's int8 has 8 bytes: the capital tells them apart."""
    text = _CLICKHOUSE.sub(r"\1\2_of_\3_bits", " ".join(native.split()))
    while match := _WRAPPED.fullmatch(text):
        text = match[1].strip()
    return re.sub(r"\s*([(),])\s*", r"\1", text.lower())


def _nullable(native: str) -> bool:
    return "nullable(" in native.lower()


def _width(native: str) -> tuple[str, tuple[float, ...]] | None:
    """What kind of type it is and how much it holds: bits, characters, or digits before and after the point; None where that is not known."""
    if native in _UNBOUNDED:
        kind = _UNBOUNDED[native]
        return kind, (float("inf"),) * (2 if kind == "decimal" else 1)
    if native in _BITS:
        return ("float" if native in _FLOATS else "int"), (float(_BITS[native]),)
    if match := _NUMBERED.fullmatch(native):
        return (match[1] + match[2], (float(match[3]),))
    if match := _SIZED.fullmatch(native):
        name, first, second = match[1], int(match[2]), int(match[3] or 0)
        if name in ("numeric", "decimal"):
            return "decimal", (float(first - second), float(second))
        if name in ("varchar", "character varying") and match[3] is None:
            return "text", (float(first),)
    return None
