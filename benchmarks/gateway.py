"""What the gateway costs over the bare driver: the same governed statement by psycopg, and as a metric query over HTTP with sign-in, audit and policy."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import httpx2
import psycopg
import structlog
import uvicorn

from app.adapters.embedded.processes import HOST, free_port
from app.cli.demo import prepare
from app.gateway.app import create_app
from app.service.query import query
from app.service.request import QueryRequest, semantic_query
from benchmarks.demo import running
from benchmarks.measure import p50, p95, rounds
from benchmarks.options import Options

REQUEST = QueryRequest(metrics=("revenue",), group_by=("metric_time__month",), start_time="2025-01-01", end_time="2025-12-31")
TIMES = 60


def measure(options: Options) -> dict[str, Any]:
    """p50 and p95 in ms of the driver alone, of the service in process, and over HTTP; the ratios, and the overhead in ms."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with running(options.scale) as (settings, servers, deps, caller):
        passwords = prepare.people(settings, deps, caller)
        served = deps.serving.view(caller.principal)
        turn = query(deps, caller, semantic_query(REQUEST, served.visible, served.joins), source="postgres")
        if turn.governed is None or turn.query is None:
            raise RuntimeError("the query was not governed")
        text, values, asked = turn.governed.text, {value.name: value.value for value in turn.governed.parameters}, turn.query
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(create_app(deps), host=HOST, port=port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with (
            httpx2.Client(base_url=f"http://{HOST}:{port}/api/v1") as client,
            psycopg.connect(servers.engines["postgres"], autocommit=True) as driver,
        ):
            email = "admin@example.com"
            token = client.post("/auth/login", json={"email": email, "password": passwords[email]}).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            body = {"metrics": list(REQUEST.metrics), "group_by": list(REQUEST.group_by), "start_time": REQUEST.start_time}
            body |= {"end_time": REQUEST.end_time, "source": "postgres"}

            def over_http() -> None:
                client.post("/query", json=body, headers=headers).raise_for_status()

            bare, service, http = rounds(
                [
                    lambda: driver.execute(text, values).fetchall(),
                    lambda: query(deps, caller, asked, source="postgres"),
                    over_http,
                ],
                times=TIMES,
                warm=3,
            )
        server.should_exit = True
        thread.join(10)
    return {
        "driver_p50_ms": p50(bare),
        "driver_p95_ms": p95(bare),
        "service_p50_ms": p50(service),
        "http_p50_ms": p50(http),
        "http_p95_ms": p95(http),
        "service_ratio": round(p50(service) / p50(bare), 2),
        "http_ratio": round(p50(http) / p50(bare), 2),
        "overhead_ms": round(p50(http) - p50(bare), 3),
    }
