"""Policies, for admins: those of the store, and what holds of both sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import RedirectResponse, Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas import policies as bodies
from app.model.written_policy import Effect
from app.ports import PolicyFilter
from app.service import policies, policy_body, policy_sight
from app.service.policy_text import require_effect

AT = f"{PREFIX}/data-control/policies"
router = APIRouter(prefix=PREFIX, tags=["policies"], dependencies=[Depends(admin)])

Name = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", description="A policy's id or name.")]
Revision = Annotated[str, Header(alias="If-Match", pattern=r'^"?[1-9][0-9]{0,8}"?$', description="The revision that is to be changed.")]
Effects = Annotated[list[Effect], Query(alias="effect", max_length=5)]
Text = Annotated[str, Query(max_length=64, description="What the name holds.")]
NO_EFFECTS: list[Effect] = []
_READ = told(400, 401, 403, 404, 422, 503)
_WRITE = told(400, 401, 403, 404, 409, 415, 422, 503)
_ROWS, _COLUMNS = (Effect.ROWS,), (Effect.MASK, Effect.DENY, Effect.MIN_GROUP_SIZE)


@router.get("/policies", include_in_schema=False)
async def moved() -> Response:
    """The one place of policies."""
    return RedirectResponse(AT, 308)


@router.get("/data-control/policies", response_model=bodies.PolicyPage, responses=_READ)
async def list_policies(
    person: CallerDep,
    work: WorkDep,
    effect: Effects = NO_EFFECTS,
    enabled: bool | None = None,
    name: Text = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """The store's policies, oldest first."""
    wanted, after = PolicyFilter(tuple(effect), enabled, name), cursors.decode(cursor)
    found = await work(lambda: policies.list_policies(work.deps, person, wanted, after=after, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.id)
    return json_response({"items": [policy_body.policy_body(one) for one in shown], "next_cursor": following})


@router.post("/data-control/policies", status_code=201, response_model=bodies.PolicyReply, responses=_WRITE)
async def create_policy(body: bodies.PolicyRequest, person: CallerDep, work: WorkDep) -> Response:
    """Write a policy; it holds at once."""
    made, warnings = await work(lambda: policies.create_policy(work.deps, person, body.to_definition()))
    return _tagged(json_response(policy_body.policy_body(made, warnings), 201), made.revision)


@router.post("/data-control/policies/check", response_model=bodies.CheckReply, responses=_WRITE)
async def check_policies(body: bodies.PersonRequest, person: CallerDep, work: WorkDep) -> Response:
    """What a kind of person sees of models, and which policies say so."""
    who = body.to_principal(work.deps.project_id)
    found = await work(lambda: policy_sight.check_policies(work.deps, person, who, body.models))
    return json_response({"items": [policy_body.sight_body(one) for one in found]})


@router.get("/data-control/policies/{name}", response_model=bodies.PolicyReply, responses=_READ)
async def show_policy(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """One policy; its revision is the ETag too."""
    found = await work(lambda: policies.show_policy(work.deps, person, name))
    return _tagged(json_response(policy_body.policy_body(found)), found.revision)


@router.put("/data-control/policies/{name}", response_model=bodies.PolicyReply, responses=_WRITE)
async def replace_policy(name: Name, body: bodies.PolicyRequest, revision: Revision, person: CallerDep, work: WorkDep) -> Response:
    """Write a policy anew."""
    made, warnings = await work(lambda: policies.change_policy(work.deps, person, name, _number(revision), body.to_definition()))
    return _tagged(json_response(policy_body.policy_body(made, warnings)), made.revision)


@router.patch("/data-control/policies/{name}", response_model=bodies.PolicyReply, responses=_WRITE)
async def change_policy(name: Name, body: bodies.PolicyPatch, revision: Revision, person: CallerDep, work: WorkDep) -> Response:
    """Change parts of a policy."""
    made, warnings = await work(lambda: policies.patch_policy(work.deps, person, name, _number(revision), body.given()))
    return _tagged(json_response(policy_body.policy_body(made, warnings)), made.revision)


@router.delete("/data-control/policies/{name}", response_model=bodies.PolicyReply, responses=_WRITE)
async def remove_policy(name: Name, revision: Revision, person: CallerDep, work: WorkDep) -> Response:
    """Take a policy away; its history stays."""
    return json_response(policy_body.policy_body(await work(lambda: policies.remove_policy(work.deps, person, name, _number(revision)))))


@router.get("/data-control/policies/{name}/history", response_model=bodies.ChangePage, responses=_READ)
async def policy_history(name: Name, person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Every change of a policy, newest first, by its id also after it is gone."""
    before = cursors.decode_number(cursor)
    found = await work(lambda: policies.policy_history(work.deps, person, name, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: cursors.of_number(one.number))
    return json_response({"items": [policy_body.change_body(one) for one in shown], "next_cursor": following})


@router.get("/policies/rows", response_model=bodies.RowRulePage, responses=_READ)
async def row_rules(work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Every row filter that holds now, from dbt and the store."""
    found = await work(lambda: list(policy_body.row_rules(work.deps.serving.governed()[1])))
    return json_response(cursors.cut(found, limit, cursor, policy_body.rule_key))


@router.get("/policies/columns", response_model=bodies.ColumnRulePage, responses=_READ)
async def column_rules(work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Every rule of a column that holds now, from dbt and the store."""
    found = await work(lambda: list(policy_body.column_rules(work.deps.serving.governed()[1])))
    return json_response(cursors.cut(found, limit, cursor, policy_body.rule_key))


@router.post("/policies/rows", status_code=201, response_model=bodies.PolicyReply, responses=_WRITE)
async def create_row_policy(body: bodies.PolicyRequest, person: CallerDep, work: WorkDep) -> Response:
    """Write a row filter into the store."""
    made, warnings = await work(lambda: policies.create_policy(work.deps, person, require_effect(body.to_definition(), *_ROWS)))
    return _tagged(json_response(policy_body.policy_body(made, warnings), 201), made.revision)


@router.post("/policies/columns", status_code=201, response_model=bodies.PolicyReply, responses=_WRITE)
async def create_column_policy(body: bodies.PolicyRequest, person: CallerDep, work: WorkDep) -> Response:
    """Write a rule of columns into the store."""
    made, warnings = await work(lambda: policies.create_policy(work.deps, person, require_effect(body.to_definition(), *_COLUMNS)))
    return _tagged(json_response(policy_body.policy_body(made, warnings), 201), made.revision)


def _number(revision: str) -> int:
    return int(revision.strip('"'))


def _tagged(response: Response, revision: int) -> Response:
    response.headers["ETag"] = f'"{revision}"'
    return response
