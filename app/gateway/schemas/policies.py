"""Bodies of the store's policies."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from app.gateway.schemas.base import Body, Reply
from app.gateway.schemas.users import Attributes, Groups, RoleField
from app.model.policy import MaskKind
from app.model.principal import Principal, Role
from app.model.written_policy import PolicyDefinition
from app.redaction.found import PiiClass
from app.service.policy_text import read_definition

Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=256)]], Field(max_length=1000)]
Number = Annotated[int, Field(ge=1)]


class MaskBody(Body):
    """A mask; which arguments count depends on `kind` (docs/policies.md)."""

    kind: Annotated[MaskKind, Field(strict=False, examples=["partial"])]
    prefix: Annotated[int, Field(ge=0, le=1000)] = 0
    suffix: Annotated[int, Field(ge=0, le=1000)] = 0
    replacement: Annotated[str, Field(max_length=256)] = "***"
    pattern: Annotated[str, Field(max_length=1000)] = ""
    width: Annotated[float, Field(gt=0, le=10**15)] | None = None
    unit: Literal["month", "quarter", "year"] | None = None
    classes: list[Annotated[PiiClass, Field(strict=False)]] = Field(default_factory=list)


class BoundsBody(Body):
    """Bounds of each query that reads a model."""

    rows: Number | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    scanned_rows: Number | None = None


class PolicyFields(Body):
    """What a policy may say: exactly one of `rows`, `mask`, `deny`, `min_group_size` and `limits`, where it holds, and whom it binds."""

    description: Annotated[str, Field(max_length=4000)] | None = None
    enabled: bool | None = None
    models: Names | None = None
    columns: Annotated[Names | None, Field(examples=[["email", "dim_customers.phone"]])] = None
    tags: Names | None = None
    pii: Names | None = None
    rows: Annotated[str | None, Field(max_length=4000, examples=["region = user.region"])] = None
    permissive: bool | None = None
    mask: MaskBody | None = None
    deny: bool | None = None
    min_group_size: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
    limits: BoundsBody | None = None
    roles: list[RoleField] | None = None
    groups: Names | None = None
    users: Names | None = None
    exempt_roles: list[RoleField] | None = None
    exempt_groups: Names | None = None
    exempt_users: Names | None = None

    def given(self) -> dict[str, Any]:
        """The fields that the request has; null takes one away."""
        return self.model_dump(mode="json", exclude_unset=True)


class PolicyRequest(PolicyFields):
    """A policy as a whole."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", examples=["contacts"])]

    def to_definition(self) -> PolicyDefinition:
        """As the service takes it. Raises UserError DM7043."""
        return read_definition(_without_nulls(self.given()))


class PolicyPatch(PolicyFields):
    """What to change of a policy: what is left out stays, null takes away."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")] | None = None


class PersonRequest(Body):
    """A kind of person, and of which models it is asked what they see; none: of all."""

    role: RoleField = Role.ANALYST
    attributes: Attributes = Field(default_factory=dict)
    groups: Groups = Field(default_factory=list)
    user: Annotated[str, Field(max_length=254)] = ""
    models: Names = Field(default_factory=list)

    def to_principal(self, project_id: str) -> Principal:
        """Somebody who is such a person."""
        return Principal(self.user, self.user, self.role, project_id, tuple(sorted(self.groups)), tuple(sorted(self.attributes.items())))


class WarningReply(Reply):
    """What the writer of a policy may not mean."""

    code: str
    message: str
    hint: str


class PolicyReply(Reply):
    """A policy as it is kept; `policy` says what it does, as it is written."""

    id: str
    revision: int
    effect: str
    policy: dict[str, Any]
    created_at: dt.datetime
    created_by: str
    changed_at: dt.datetime
    changed_by: str
    warnings: list[WarningReply]


class PolicyPage(Reply):
    """A page of policies."""

    items: list[PolicyReply]
    next_cursor: str | None


class ChangeReply(Reply):
    """A change: the policy before and after it, null where it was not there."""

    number: int
    at: dt.datetime
    by: str
    change: str
    revision: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ChangePage(Reply):
    """A page of changes, newest first."""

    items: list[ChangeReply]
    next_cursor: str | None


class RuleReply(Reply):
    """A rule of a model, from dbt's YAML or the store, and whom it binds."""

    model: str
    name: str
    source: str
    does: str
    roles: list[str]
    groups: list[str]
    users: list[str]
    exempt_roles: list[str]
    exempt_groups: list[str]
    exempt_users: list[str]


class RowRuleReply(RuleReply):
    """A row filter."""

    filter: str
    permissive: bool


class ColumnRuleReply(RuleReply):
    """A rule of a column."""

    column: str
    mask: dict[str, Any] | None
    deny: bool
    min_group_size: int | None


class RowRulePage(Reply):
    """A page of row filters."""

    items: list[RowRuleReply]
    next_cursor: str | None


class ColumnRulePage(Reply):
    """A page of rules of columns."""

    items: list[ColumnRuleReply]
    next_cursor: str | None


class SaidReply(Reply):
    """A policy that binds the person; `source` is dbt, store, or default."""

    name: str
    source: str
    does: str


class ColumnSightReply(Reply):
    """How a column is seen: clear, masked or denied."""

    name: str
    type: str
    shown: str
    mask: dict[str, Any] | None
    min_group_size: int | None
    policies: list[SaidReply]


class LimitsReply(Reply):
    """Bounds that this model brings."""

    rows: int | None
    seconds: float | None
    scanned_rows: int | None


class SightReply(Reply):
    """What is seen of a model; `rows` is all, none, or a condition."""

    model: str
    readable: bool
    rows: str
    columns: list[ColumnSightReply]
    limits: LimitsReply
    policies: list[SaidReply]


class CheckReply(Reply):
    """What such a person sees of each model."""

    items: list[SightReply]


def _without_nulls(value: Any) -> Any:
    """Fields that are null say nothing."""
    return {name: _without_nulls(item) for name, item in value.items() if item is not None} if isinstance(value, dict) else value
