"""The shape of `meta.datamind`, schema version 1. An unknown key is an error: a typo in `row_filters` must never drop a policy unseen."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import re2

from app.compile.policies.patterns import unportable
from app.model.invalid import said_and_path, under
from app.model.policy import Mask, MaskKind, Policy
from app.model.principal import Role
from app.model.types import DataType
from app.redaction.found import PiiClass
from app.sql.unsendable import unsendable

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Size = Annotated[int, msgspec.Meta(ge=2, le=1_000_000)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

_WIDEST = 10**15
Width = Annotated[int, msgspec.Meta(gt=0, le=_WIDEST)] | Annotated[float, msgspec.Meta(gt=0, le=_WIDEST)]
Unit = Literal["month", "quarter", "year"]

T = TypeVar("T", bound=msgspec.Struct)
P = TypeVar("P", bound=Policy)


class Malformed(ValueError):
    """`meta.datamind` is not what the schema says; the text tells how."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base of every part; `version` may be left out and is 1."""

    version: Literal[1] = 1


class Audience(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a policy binds: who is in any of its roles, groups or users (by e-mail address or id), or everybody where it names none; not who is in an exempt one."""

    roles: list[Role] = []
    groups: list[NonEmpty] = []
    users: list[NonEmpty] = []
    exempt_roles: list[Role] = []
    exempt_groups: list[NonEmpty] = []
    exempt_users: list[NonEmpty] = []

    def bind(self, policy: P) -> P:
        """The policy for these people."""
        return msgspec.structs.replace(policy, **self._named())

    @property
    def says(self) -> tuple[str, ...]:
        """The keys by which it says whom it binds."""
        return tuple(name for name, people in self._named().items() if people)

    def _named(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(sorted({str(one) for one in getattr(self, name)})) for name in Audience.__struct_fields__}


class RowFilter(Audience, frozen=True):
    """One row filter: `filter` is a predicate over the model's columns and `user.<attribute>`."""

    name: Name
    filter: NonEmpty
    permissive: bool = True


class MaskMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mask; which arguments count depends on `kind`."""

    kind: MaskKind
    prefix: Count = 0
    suffix: Count = 0
    replacement: str = "***"
    pattern: str = ""
    width: Width | None = None
    unit: Unit | None = None
    classes: list[PiiClass] = []

    def mask(self) -> Mask:
        """As policies hold it."""
        width = format(Decimal(str(self.width)).normalize(), "f") if self.width is not None else ""
        classes = tuple(sorted({str(one) for one in self.classes}))
        return Mask(self.kind, self.replacement, self.prefix, self.suffix, self.pattern, width, self.unit or "", classes)

    @classmethod
    def of(cls, mask: Mask) -> MaskMeta:
        """What `mask` makes that mask of. Raises ValidationError where nobody may write such a mask."""
        return msgspec.convert(written_mask(mask), cls)


def written_mask(mask: Mask) -> dict[str, Any]:
    """The object that describes the mask in YAML and JSON, without what says nothing."""
    plain: dict[str, Any] = msgspec.to_builtins(mask)
    plain.pop("short", None)
    if mask.width:
        plain["width"] = float(mask.width) if "." in mask.width else int(mask.width)
    return plain


class ColumnRule(Audience, frozen=True):
    """One rule for several columns of a model: those of these names, tags or PII classes. In a folder's `+meta` it is a rule for every model in it."""

    name: Name
    columns: list[NonEmpty] = []
    tags: list[NonEmpty] = []
    pii: list[NonEmpty] = []
    mask: MaskMeta | None = None
    deny: bool = False
    min_group_size: Size | None = None


class LimitRule(Audience, frozen=True):
    """Bounds of queries that read the model: rows returned, seconds, rows read from storage."""

    name: Name
    rows: Positive | None = None
    seconds: Seconds | None = None
    scanned_rows: Positive | None = None


class ModelMeta(Strict, frozen=True):
    """`meta.datamind` of a model, seed, snapshot or source table. `derive` says whether a semantic model is derived for it, `on_failure` what becomes of
    answers that stand on it while a test of it, or of what it is built from, failed."""

    access: Literal["allow", "deny"] | None = None
    row_filters: list[RowFilter] = []
    column_rules: list[ColumnRule] = []
    limits: list[LimitRule] = []
    synonyms: list[NonEmpty] = []
    derive: bool | None = None
    on_failure: Literal["warn", "block"] | None = None


class ColumnMeta(Audience, frozen=True):
    """`meta.datamind` of a column. `pii` is the class of personal data that it holds; `none` says that it holds none although it is derived from what
    does, and wants a reason in `declassified`. `min_group_size`: its values are seen only aggregated over so many rows."""

    version: Literal[1] = 1
    pii: Name | None = None
    declassified: str = ""
    mask: MaskMeta | None = None
    deny: bool = False
    min_group_size: Size | None = None
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
        message, path = said_and_path(error)
        raise Malformed(f"{message} at `{under('datamind', path)}`") from None


_WORDS = frozenset(FieldMeta.__struct_fields__) - {"version"}
_PROTECTING = frozenset(
    key for kind in (ModelMeta, ColumnMeta, ColumnRule, LimitRule, RowFilter, MaskMeta) for key in kind.__struct_fields__
) - {
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


def check_declassified(meta: ColumnMeta) -> None:
    """Refuse `pii: none` without a reason, and a reason without it. Raises Malformed."""
    if is_none(meta.pii) and not meta.declassified.strip():
        raise Malformed("`pii: none` needs a reason in `declassified`")
    if meta.declassified and not is_none(meta.pii):
        raise Malformed("`declassified` is the reason of `pii: none`, and says nothing without it")


def is_none(pii: str | None) -> bool:
    """Whether a column is said to hold nothing personal."""
    return pii is not None and pii.lower() == "none"


_MOST_DIGITS = 9
"""Behind the point of a width: what engines compute exactly."""
_WANTS = {MaskKind.BUCKET: "width", MaskKind.TRUNCATE: "unit"}
_TAKES: dict[MaskKind, tuple[str, ...]] = {
    MaskKind.REDACT: ("pattern", "classes", "replacement"),
    MaskKind.BUCKET: ("width",),
    MaskKind.TRUNCATE: ("unit",),
    MaskKind.PARTIAL: ("prefix", "suffix", "replacement"),
    MaskKind.FIXED: ("replacement",),
    MaskKind.NULL: (),
    MaskKind.HASH: (),
}


def check_mask(mask: MaskMeta, kind: DataType = DataType.OTHER) -> None:
    """Refuse a mask that cannot work on a column of that type (OTHER where it is not known): one without what it needs, or with what is another kind's, a range of
    what is no number, a period of what is no time, and a pattern that is no regular expression. Raises Malformed."""
    wanted = _WANTS.get(mask.kind, "")
    if wanted and getattr(mask, wanted) is None:
        raise Malformed(f"a `{mask.kind}` mask needs a `{wanted}`")
    plain = MaskMeta(mask.kind)
    for name in MaskMeta.__struct_fields__[1:]:
        if name not in _TAKES[mask.kind] and getattr(mask, name) != getattr(plain, name):
            raise Malformed(f"a `{mask.kind}` mask has no `{name}`")
    if mask.width is not None and len(mask.mask().width.partition(".")[2]) > _MOST_DIGITS:
        raise Malformed(f"a `width` has at most {_MOST_DIGITS} digits behind the point")
    if kind is not DataType.OTHER and not mask.kind.fits(kind):
        raise Malformed(f"a `{mask.kind}` mask does not fit a column of type {kind}")
    if unsendable(mask.mask().replacement) >= 0 or unsendable(mask.pattern) >= 0:
        raise Malformed("a text of the mask holds a control character")
    if mask.kind is MaskKind.REDACT:
        _check_redaction(mask)


_QUIET = re2.Options()
_QUIET.log_errors = False


def _check_redaction(mask: MaskMeta) -> None:
    if bool(mask.pattern) == bool(mask.classes):
        raise Malformed("a `redact` mask needs a `pattern`, or `classes`")
    try:
        re2.compile(mask.pattern, _QUIET)
    except re2.error as error:
        raise Malformed(f"the mask's pattern is no regular expression: {error}") from None
    if mask.pattern and "\\" in mask.replacement:
        raise Malformed("engines differ in what a backslash in the replacement of a pattern means; leave it out")
    if odd := unportable(mask.pattern):
        raise Malformed(
            f"the engines read `{odd}` of the mask's pattern differently; use classes, groups, `|`, `^`, `$`, `.`, `\\d`, `\\w`, `\\s` and plain repeats"
        )
