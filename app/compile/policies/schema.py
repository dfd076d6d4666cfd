"""The shape of `meta.datamind`, schema version 1. An unknown key is an error: a typo in `row_filters` must never drop a policy unseen."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from app.model.policy import MaskKind
from app.model.principal import Role

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

T = TypeVar("T", bound=msgspec.Struct)


class Malformed(ValueError):
    """`meta.datamind` is not what the schema says; the text tells how."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base of every part; `version` may be left out and is 1."""

    version: Literal[1] = 1


class RowFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row filter: `filter` is a predicate over the model's columns and `user.<attribute>`."""

    name: Name
    filter: NonEmpty
    roles: list[Role] = []
    exempt_roles: list[Role] = []
    permissive: bool = True


class ModelMeta(Strict, frozen=True):
    """`meta.datamind` of a model, seed, snapshot or source table. `derive` says whether a semantic model is derived for it."""

    access: Literal["allow", "deny"] | None = None
    row_filters: list[RowFilter] = []
    synonyms: list[NonEmpty] = []
    derive: bool | None = None


class MaskMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mask; which arguments count depends on `kind`."""

    kind: MaskKind
    prefix: Count = 0
    suffix: Count = 0
    replacement: str = "***"
    pattern: str = ""


class ColumnMeta(Strict, frozen=True):
    """`meta.datamind` of a column."""

    pii: Name | None = None
    mask: MaskMeta | None = None
    deny: bool = False
    roles: list[Role] = []
    exempt_roles: list[Role] = []
    synonyms: list[NonEmpty] = []


class FieldMeta(Strict, frozen=True):
    """`meta.datamind` of a metric or a dimension: words for people, nothing that protects. `lint_ignore` names lint rules that are not asked of it."""

    synonyms: list[NonEmpty] = []
    unit: str = ""
    format: str = ""
    lint_ignore: list[NonEmpty] = []


class SegmentMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named filter: `where` is one text or several that all hold, with plain names (`customer__country = 'DE'`): dbt runs Jinja in a `meta`."""

    name: Name
    where: NonEmpty | list[NonEmpty]
    label: str = ""
    description: str = ""


class HierarchyMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dimensions from the coarsest to the finest, by their own names or as queries name them."""

    name: Name
    levels: Annotated[list[NonEmpty], msgspec.Meta(min_length=2)]
    label: str = ""
    description: str = ""


class SemanticModelMeta(Strict, frozen=True):
    """`meta.datamind` of a semantic model: what queries may say of it, nothing that protects. `default_paths` says of an entity to which several ways lead
    which is meant: the link before it, or all links to it."""

    segments: list[SegmentMeta] = []
    hierarchies: list[HierarchyMeta] = []
    default_paths: dict[NonEmpty, NonEmpty | list[NonEmpty]] = {}


def read_meta(value: Any, kind: type[T]) -> T:
    """`meta.datamind` as `kind`. Raises Malformed with the path of what is wrong."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        path = path.strip("`").removeprefix("$").lstrip(".")
        raise Malformed(f"{message} at `datamind{'.' + path if path else ''}`") from None


_WORDS = frozenset(FieldMeta.__struct_fields__) - {"version"}
_PROTECTING = frozenset(key for kind in (ModelMeta, ColumnMeta, RowFilter, MaskMeta) for key in kind.__struct_fields__) - {
    "synonyms",
    "version",
}
_NEAR = 0.75


def word_slips(value: Any) -> dict[str, str]:
    """Unknown keys of a metric's or dimension's `meta.datamind` that can be nothing but slips for a word for people, with that word: `synonims`. One that
    is as near to a key that may protect, or holds what the word could not, is none."""
    if not isinstance(value, dict):
        return {}
    slips = {}
    for key, held in value.items():
        near = difflib.get_close_matches(str(key), _WORDS, n=1, cutoff=_NEAR)
        if key in _WORDS or not near or difflib.get_close_matches(str(key), (near[0], *_PROTECTING), n=1, cutoff=_NEAR) != near:
            continue
        try:
            msgspec.convert({near[0]: held}, FieldMeta)
        except msgspec.ValidationError:
            continue
        slips[key] = near[0]
    return slips


def check_mask(mask: MaskMeta) -> None:
    """Refuse a `redact` without a pattern, or with one that is no regular expression. Raises Malformed."""
    if mask.kind is not MaskKind.REDACT:
        return
    if not mask.pattern:
        raise Malformed("a `redact` mask needs a `pattern`")
    try:
        re.compile(mask.pattern)
    except re.error as error:
        raise Malformed(f"the mask's pattern is no regular expression: {error}") from None
