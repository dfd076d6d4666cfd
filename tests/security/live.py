"""Two live gateways over the corpus, twin A and twin B: what a caller can see of an answer, and how it is judged."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from app.cli.mount import Ready, mounted
from app.model.principal import Role
from app.settings import load_settings
from tests.gateway.conftest import Gateway, serving

ENGINES = ("postgres", "clickhouse")
MOST_SECONDS = 6.0
HELD_SECONDS = 300.0
_OWN = re.compile(r"(?:qry|cor|err)_[0-9a-f]+")
_TIMES = re.compile(r'"(?:execution_time_ms|elapsed_ms|generated_at|ms)": ?[^,}]+')


@dataclass(frozen=True)
class Reply:
    """An answer as the caller gets it: `seen` is its text without ids and times, which differ from call to call."""

    status: int
    body: dict[str, Any]
    seen: str
    seconds: float

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))

    @property
    def outage(self) -> str:
        """What no answer may be: a fault of ours, or late; "" where it is neither."""
        if self.status >= 500 or self.status == 429 or "Traceback" in self.seen:
            return f"{self.status} {self.seen[:300]}"
        return f"late: {self.seconds:.1f} s" if self.seconds > MOST_SECONDS else ""


@dataclass
class Twin:
    """One gateway with its people's tokens, which are renewed long before they end: the tests of a slow machine outlive them."""

    ready: Ready
    gateway: Gateway
    _held: dict[str, tuple[float, str]] = field(default_factory=dict)

    def token(self, role: str) -> str:
        """A token of somebody who has the role."""
        since, held = self._held.get(role, (float("-inf"), ""))
        if time.monotonic() - since > HELD_SECONDS:
            one = next(one for one in self.ready.people if one.role.value == role)
            since, held = self._held[role] = time.monotonic(), str(self.gateway.login(one.email, one.password)["access_token"])
        return held

    def post(self, path: str, body: Any, role: str = Role.ANALYST.value) -> Reply:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token(role)}", "Content-Type": "application/json"}
        started = time.monotonic()
        answer: httpx2.Response = self.gateway.client.post(path, content=content, headers=headers)
        seconds = time.monotonic() - started
        return Reply(answer.status_code, answer.json(), _TIMES.sub("", _OWN.sub("", answer.text)), seconds)

    def sql(self, text: str, source: str, role: str = Role.ANALYST.value) -> Reply:
        return self.post("/api/v1/sql/execute", {"sql": text, "source": source}, role)

    def ask(self, question: str, role: str = Role.ANALYST.value) -> Reply:
        return self.post("/api/v1/ask", {"question": question}, role)


@dataclass(frozen=True)
class Twins:
    """Both, with what tells a leak."""

    a: Twin
    b: Twin
    canary: re.Pattern[str]
    names: frozenset[str]

    def leak(self, sent: str, one: Reply, other: Reply) -> str:
        """What the two answers tell of what is hidden; "" where it is nothing."""
        for reply in (one, other):
            if reply.outage:
                return reply.outage
            if found := self.canary.search(without(reply.seen, sent)):
                return f"canary {found[0]}"
        return "" if (one.status, one.seen) == (other.status, other.seen) else f"twins differ: {one.seen[:200]} /// {other.seen[:200]}"

    def not_blocked(self, sent: str, reply: Reply) -> str:
        """Why an answer is no block: a refusal before anything ran, in which nothing stands that the caller did not send; "" where it is one."""
        if reply.outage:
            return reply.outage
        if not 400 <= reply.status < 500 or not re.match("DM[347]", reply.code):
            return f"{reply.status} {reply.seen[:200]}"
        told = " ".join(f"{problem['message']} {problem['hint']}" for problem in reply.body["problems"])
        if "did you mean" in told:
            return f"suggests: {told}"
        quoted = set(re.findall(r"[`'\"]([^`'\"]+)[`'\"]", told))
        extra = {word for part in quoted for word in re.findall(r"\w+", part)} & self.names - set(re.findall(r"\w+", sent.casefold()))
        return f"tells {sorted(extra)}" if extra else ""


def without(answer: str, sent: str) -> str:
    """The answer without texts that the caller sent: a literal of the query's own is no leak."""
    for literal in re.findall(r"'([^']+)'", sent):
        answer = answer.replace(literal, "").replace(json.dumps(literal)[1:-1], "")
    return answer.replace(json.dumps(sent)[1:-1], "")


@contextmanager
def twins(attacks: Path, folder: Path, clickhouse_b: tuple[str, ...]) -> Iterator[Twins]:
    """Both gateways, mounted as `datamind serve --schema … --policy …` does, for as long as the block runs."""
    changed = folder / "variant_b_clickhouse.sql"
    changed.write_text(";\n".join(clickhouse_b) + ";\n")
    schemas = [str(attacks / "schema.sql"), str(attacks / "schema_clickhouse.sql")]
    files = {"a": schemas, "b": [*schemas, str(attacks / "variant_b.sql"), str(changed)]}
    policy = json.loads((attacks / "policy.json").read_text())
    with ExitStack() as stack:
        made = {}
        for name, given in files.items():
            settings = load_settings(
                data_dir=folder / name, store_url=None, postgres_url=None, clickhouse_url=None, redis_url=None, today="2025-12-01"
            )
            ready = stack.enter_context(mounted(settings, given, attacks / "policy.json"))
            made[name] = Twin(ready, stack.enter_context(serving(ready.deps)))
        layer = made["a"].ready.deps.serving.layer()
        tables = set(
            re.findall(r"CREATE (?:TABLE|VIEW|MATERIALIZED VIEW|DICTIONARY|SCHEMA) (?:\w+\.)?(\w+)", " ".join(map(_text, schemas)))
        )
        columns = {column.name.casefold() for model in layer.ontology.models for column in model.columns}
        yield Twins(made["a"], made["b"], re.compile("|".join(policy["canary_regex"].values())), frozenset(tables | columns))


def _text(path: str) -> str:
    return Path(path).read_text()
