"""The policy file: who sees what of tables that no dbt project describes, and who the people are."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any

import msgspec

from app.compile.policies.schema import Count, Malformed, MaskMeta, NonEmpty, Positive, Unit, Width, check_mask
from app.compile.yaml_load import NotYaml, load_yaml
from app.compile.yaml_tree import compose
from app.errors import Problem, Severity, UserError, Where, did_you_mean
from app.model.invalid import said_and_path
from app.model.policy import MaskKind
from app.model.principal import Role
from app.redaction.found import PiiClass


class MaskSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mask of a column; an argument of another kind than its own is an error. `then` stands around the characters that `partial` keeps, `value` for what
    `fixed` hides, `with` for what the `pattern` of `redact` finds; `redact` may name `classes` of personal data in its place. `bucket` has a `width`,
    `truncate` a `unit`."""

    mask: MaskKind
    prefix: Count = 0
    suffix: Count = 0
    then: str = "***"
    value: str = "***"
    pattern: str = ""
    with_: str = msgspec.field(name="with", default="***")
    width: Width | None = None
    unit: Unit | None = None
    classes: list[PiiClass] = []

    def said(self) -> MaskMeta:
        """The mask as dbt's `meta` would have it. Raises Malformed where it says what is shown in the word of another kind."""
        for kind, name in _SHOWN.items():
            if kind is not self.mask and getattr(self, name) != "***":
                raise Malformed(f"a `{self.mask}` mask has no `{name.rstrip('_')}`")
        shown = getattr(self, _SHOWN[self.mask]) if self.mask in _SHOWN else "***"
        return MaskMeta(self.mask, self.prefix, self.suffix, shown, self.pattern, self.width, self.unit, self.classes)


_SHOWN = {MaskKind.PARTIAL: "then", MaskKind.FIXED: "value", MaskKind.REDACT: "with_"}
"""What each kind calls the text that it shows."""


class LimitsSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of each statement."""

    statement_timeout_ms: Positive | None = None
    max_rows: Positive | None = None
    max_bytes: Positive | None = None


class UserSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may sign in; `attributes` are what row filters read as `user.NAME`."""

    email: NonEmpty
    role: Role
    groups: tuple[str, ...] = ()
    attributes: dict[str, str] = {}


class PolicyFile(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of one `role` over `modelled_tables`; admins are exempt, and everybody and everything else is denied."""

    role: Role
    modelled_tables: Annotated[tuple[NonEmpty, ...], msgspec.Meta(min_length=1)]
    row_filters: dict[str, NonEmpty] = {}
    masked_columns: dict[str, dict[str, MaskSaid]] = {}
    denied_columns: dict[str, tuple[NonEmpty, ...]] = {}
    limits: LimitsSaid = LimitsSaid()
    no_policy_default: NonEmpty = "allow"
    rate_limits: NonEmpty = ""
    users: tuple[UserSaid, ...] = ()

    @property
    def opens_by_default(self) -> bool:
        """Whether a modelled table without any rule is readable."""
        return _opens(self.no_policy_default)


def read_policy_file(text: str, file: str) -> tuple[PolicyFile, tuple[Problem, ...]]:
    """The policy of a JSON or YAML text, with a note on the keys that mean nothing here. Raises UserError DM1402 for what is wrong with it.

    A key that may be a slip for one that protects is an error: a typo must never drop a policy unseen.
    """
    try:
        value = load_yaml(text)
    except NotYaml as error:
        raise _wrong(file, f"it is neither JSON nor YAML: {error.reason}", line=error.line, column=error.column) from None
    if not isinstance(value, dict):
        raise _wrong(file, "it is no mapping")
    known = set(PolicyFile.__struct_fields__)
    others = sorted(str(key) for key in value if key not in known)
    for key in others:
        if difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.8):
            raise _wrong(file, f"there is no key `{key}`", hint=did_you_mean(key.lower(), known))
    try:
        found = msgspec.convert({key: held for key, held in value.items() if key in known}, PolicyFile)
    except msgspec.ValidationError as error:
        message, path = said_and_path(error)
        raise _wrong(file, f"{message} at `{path}`") from None
    _check(found, file, text)
    where = Where(file)
    hint = "they are kept for their readers; docs/mounting.md lists the keys that count"
    notes = (Problem("DM1406", f"{', '.join(others)} of the policy file mean nothing here", Severity.NOTE, where, hint),) if others else ()
    return found, notes


def _check(policy: PolicyFile, file: str, text: str) -> None:
    if policy.role is Role.ADMIN:
        raise _wrong(file, "`role` is admin, and admins are exempt from it", hint="name the role that it binds: viewer or analyst")
    _opens(policy.no_policy_default, file)
    for table, columns in policy.masked_columns.items():
        for column, mask in columns.items():
            try:
                check_mask(mask.said())
            except Malformed as error:
                spot = _place(text, "masked_columns", table, column)
                raise _wrong(file, f"the mask of `{table}.{column}`: {error}", line=spot[0], column=spot[1]) from None
    emails = [user.email.casefold() for user in policy.users]
    if twice := next((email for email in emails if emails.count(email) > 1), ""):
        raise _wrong(file, f"`users` names {twice} twice")


def _place(text: str, *keys: str) -> tuple[int, int]:
    """Where in the text the value at these keys stands; of one that is written by an anchor or so, the last that is found on the way."""
    node, spot = compose(text), (0, 0)
    for key in keys:
        node = node.entries.get(key) if node is not None else None
        spot = (node.line, node.column) if node is not None else spot
    return spot


def _opens(said: str, file: str = "") -> bool:
    """What `no_policy_default` means: a word, or a sentence of which the first clause says it."""
    first: Any = re.split(r"[;.,]", said.casefold())[0]
    if re.search(r"\b(deny|denied|denies|not|no|none|nobody|closed)\b", first):
        return False
    if re.search(r"\b(allow|allowed|allows|readable|open)\b", first):
        return True
    raise _wrong(file, "`no_policy_default` is neither `allow` nor `deny`")


def _wrong(file: str, what: str, *, hint: str = "docs/mounting.md tells its keys", line: int = 0, column: int = 0) -> UserError:
    return UserError(Problem("DM1402", f"the policy file is wrong: {what}", where=Where(file, line, column), hint=hint))
