"""ClickHouse as an Engine, by its HTTP interface: no session, so nothing of one caller can reach another; every setting travels with the query."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, NotSupportedError, StreamFailureError
from clickhouse_connect.driver.exceptions import InternalError as DriverInternalError
from clickhouse_connect.driver.httpclient import HttpClient

from app.adapters.engines import clickhouse_account, clickhouse_types, problems
from app.adapters.engines.admission import admit
from app.adapters.engines.clickhouse_http import BoundedClient, Call, Stopped, calling, pool
from app.adapters.engines.clickhouse_profile import Profile, check_version, learn
from app.adapters.engines.gather import Gathered
from app.adapters.engines.watchdog import Watchdog
from app.errors import DataMindError
from app.model.result import Result, ResultColumn
from app.model.sql import GovernedSql, Limits
from app.model.types import Dialect
from app.ports import Cancel, Capabilities, Excess, Health

logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())  # else an unconfigured process prints its warnings on stderr
_log = structlog.get_logger("datamind.engines")
_ANSWER_SECONDS = 1.5
_GRACE_SECONDS = 1.0
_LEAST_READ = 16 << 20
"""Half the bytes of an answer that are read in any case: a block of wide rows is cut to what may be shown, and refused only where it is far larger."""


class ClickHouseEngine:
    """Executes governed statements on ClickHouse 24.12 or later at a `clickhouse://user:password@host:port/database` URL (or `http://`, `https://`).

    It connects with the first use and again after a failure. A result is cut at the statement's row limit or at `max_bytes`.
    """

    def __init__(self, url: str, *, name: str = "clickhouse", pool_size: int = 8, max_bytes: int = 64 << 20) -> None:
        self._name = name
        self._max_bytes = max_bytes
        self._address = _address(name, url)
        self._http = pool(pool_size, verify=True)
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self._connected: tuple[HttpClient, Profile] | None = None
        self._failure: tuple[float, DataMindError] | None = None

    @property
    def name(self) -> str:
        """The name by which placements mean it."""
        return self._name

    @property
    def dialect(self) -> Dialect:
        """ClickHouse's SQL."""
        return Dialect.CLICKHOUSE

    @property
    def capabilities(self) -> Capabilities:
        """Exact and approximate percentiles, columns, real cancellation."""
        return Capabilities(exact_percentile=True, approximate_percentile=True, columnar=True, cancels_running=True)

    def execute(self, governed: GovernedSql, cancel: Cancel) -> Result:
        """Run it within its limits. Raises UserError DM5001–DM5005, DM5008 and DM5012, InternalError DM5006, DM5007 and DM5009."""
        admit(self._name, self.dialect, governed)
        started = time.perf_counter()
        limits = governed.limits
        call = Call(2 * max(self._max_bytes, _LEAST_READ))
        take_back = cancel.on_cancel(lambda: call.stop("cancelled"))
        try:
            if call.why:
                raise problems.cancelled(self._name)
            client, profile = self._connect()
            with calling(call), self._watchdog.guard(limits.seconds + _GRACE_SECONDS, lambda: call.stop("time")):
                columns, gathered = self._read(client, governed, profile.settings(limits), call)
        except (ClickHouseError, Stopped, OSError) as error:
            raise self._explain(error, call, limits) from error
        finally:
            take_back()
        if cancel.cancelled:
            raise problems.cancelled(self._name)
        elapsed = (time.perf_counter() - started) * 1000
        return Result(columns=columns, data=gathered.data(), truncated=gathered.truncated, engine=self._name, elapsed_ms=elapsed)

    def health(self) -> Health:
        """Ask for a constant as the reading user."""
        started = time.perf_counter()
        call = Call()
        try:
            client, _ = self._connect()
            with calling(call), self._watchdog.guard(_ANSWER_SECONDS, lambda: call.stop("time")):
                client.command("SELECT 1")
        except DataMindError as error:
            return Health(up=False, ms=(time.perf_counter() - started) * 1000, detail=error.problem.message)
        except (ClickHouseError, Stopped, OSError) as error:
            problem = self._explain(error, Call(), Limits()).problem
            return Health(up=problem.code == "DM5008", ms=(time.perf_counter() - started) * 1000, detail=problem.message)
        return Health(up=True, ms=(time.perf_counter() - started) * 1000)

    def account(self) -> tuple[Excess, ...]:
        """What `SHOW GRANTS` says of the account, with the grants of its roles. Raises as `execute`."""
        call = Call()
        try:
            client, profile = self._connect()
            with calling(call), self._watchdog.guard(_ANSWER_SECONDS, lambda: call.stop("time")):
                lines = [str(row[0]) for row in client.query("SHOW GRANTS FINAL").result_rows]
                databases = [str(row[0]) for row in client.query("SELECT DISTINCT database FROM system.tables").result_rows]
        except (ClickHouseError, Stopped, OSError) as error:
            raise self._explain(error, call, Limits()) from error
        return clickhouse_account.excesses(lines, databases, readonly=profile.readonly)

    def close(self) -> None:
        """Give back the connections."""
        with self._lock:
            self._connected = None
        self._http.clear()
        self._watchdog.close()

    def _read(
        self, client: HttpClient, governed: GovernedSql, settings: dict[str, str], call: Call
    ) -> tuple[tuple[ResultColumn, ...], Gathered]:
        # The driver binds on the server only what the text names as {name:Type}; given anything else it would format the text itself.
        parameters: dict[str, Any] = {p.name: p.value for p in governed.parameters if f"{{{p.name}:" in governed.text}
        stream = client.query_column_block_stream(
            governed.text, parameters=parameters or None, settings=settings, query_formats=clickhouse_types.FORMATS, query_tz="UTC"
        )
        source: Any = stream.source
        if not source.column_names:  # an answer without a row does not say its columns; the driver reads those of LIMIT 0
            empty = f"SELECT * FROM (\n{governed.text}\n)"
            try:
                source = client.query(f"{empty} LIMIT 0", parameters=parameters or None, settings=settings)
            except ValueError:  # the totals of WITH TOTALS come through, and chDB writes them before the columns; grouping drops them
                source = client.query(f"{empty} GROUP BY ALL LIMIT 0", parameters=parameters or None, settings=settings)
        natives = [kind.name for kind in source.column_types]
        columns = tuple(
            ResultColumn(name=name, type=clickhouse_types.family(native)) for name, native in zip(source.column_names, natives, strict=True)
        )
        converters = [clickhouse_types.converter(native) for native in natives]
        gathered = Gathered(len(columns), governed.limits.rows, self._max_bytes)
        with stream:
            for block in stream:
                gathered.add(block, converters)
                if gathered.full:
                    if gathered.row_count < governed.limits.rows:  # cut by its size: the driver would read what is left of it to the end
                        call.stop("size")
                    break
        if gathered.truncated and gathered.row_count == 0:
            raise problems.too_big(self._name, f"a single row is larger than {self._max_bytes >> 20} MB")
        return columns, gathered

    def _connect(self) -> tuple[HttpClient, Profile]:
        """The client and the profile that its account has. Callers that waited for one failing attempt share its failure."""
        asked = time.monotonic()
        with self._lock:
            if self._connected is None:
                if self._failure is not None and self._failure[0] > asked:
                    raise type(self._failure[1])(*self._failure[1].problems)
                call = Call()
                try:
                    with calling(call), self._watchdog.guard(_ANSWER_SECONDS, lambda: call.stop("time")):
                        self._connected = self._open()
                except (ClickHouseError, Stopped, OSError) as error:
                    failure = self._explain(error, Call(), Limits())
                    self._failure = (time.monotonic(), failure)
                    raise failure from error
                except DataMindError as error:
                    self._failure = (time.monotonic(), error)
                    raise
            return self._connected

    def _open(self) -> tuple[HttpClient, Profile]:
        host, port = self._address.hostname or "", self._address.port or 8123
        socket.create_connection((host, port), timeout=1.0).close()  # the driver would try twice, each time for whole seconds
        client = BoundedClient(
            interface=self._address.scheme,
            host=host,
            port=port,
            username=unquote(self._address.username or "default"),
            password=unquote(self._address.password or ""),
            database=unquote(self._address.path.strip("/")) or None,
            query_retries=0,
            connect_timeout=1,
            send_receive_timeout=3600,  # the watchdog keeps the time
            client_name="datamind",
            pool_mgr=self._http,
            autogenerate_session_id=False,
        )
        client.http_retries = 0
        check_version(self._name, str(client.server_version))
        current = {name: str(setting.value) for name, setting in client.server_settings.items()}
        client.server_settings = {}  # else the driver refuses to send what `system.settings` calls read-only, allowed or not

        def probe(settings: Mapping[str, str]) -> bool:
            try:
                name, value = next(iter(settings.items()))
                seen = str(client.command(f"SELECT toString(getSetting('{name}'))", settings=dict(settings)))
            except StreamFailureError:
                raise
            except ClickHouseError as error:
                if getattr(error, "code", None) is None:
                    raise
                return False
            # a proxy between may drop what it does not know
            return seen in (value, {"1": "true", "0": "false"}.get(value))

        return client, learn(self._name, current, probe)

    def _explain(self, error: BaseException, call: Call, limits: Limits) -> DataMindError:
        """The driver's error as a Problem."""
        code = getattr(error, "code", None)
        if call.why == "cancelled":
            return problems.cancelled(self._name)
        if call.why == "size":
            return problems.too_big(self._name, f"its answer is far larger than {self._max_bytes >> 20} MB")
        if call.why == "time" or code in (159, 160, 209):
            return problems.too_slow(self._name, limits)
        if code in (394, 735):
            return problems.cancelled(self._name, "by its administrator")
        if code in (158, 161, 191, 241, 307, 396):
            return problems.too_big(self._name, "it needs more memory or reads more than the account may")
        if code == 202:
            return problems.busy(self._name)
        if code in (192, 193, 194, 516, 81):
            return problems.refused(self._name, error, code=str(code))
        if code is None and isinstance(error, _UNREADABLE):
            return problems.not_shown(self._name)
        if code is None:
            self._connected = None  # a server that comes back may have other settings
            _log.warning("engine_unreachable", engine=self._name, cause=type(error).__name__)
            return problems.down(self._name, "the connection failed")
        return problems.failed(self._name, error, code=str(code), hint=_HINTS.get(code, ""))


_UNREADABLE = (NotSupportedError, DriverInternalError, DataError)
"""What the driver raises of values that it can't read: the server answered, and the fault is the statement's."""
_HINTS = {
    60: "A relation is missing on this engine: run `dbt build` on its target.",
    47: "A column is missing on this engine: run `dbt build` on its target and compile again.",
    497: "The engine's reading user lacks SELECT on a relation.",
    153: "A division by zero.",
    6: "A value does not fit its type.",
    70: "A value does not fit its type.",
}


def _address(engine: str, url: str) -> SplitResult:
    """The URL with its scheme as http or https. Raises UserError DM5010."""
    scheme, _, rest = url.partition("://")
    secure = scheme in ("https", "clickhouses", "clickhouse+https")
    if not rest or not (secure or scheme.split("+")[0] in ("clickhouse", "clickhousedb", "http")):
        raise problems.bad_url(engine, "it must begin with clickhouse://, http:// or https://")
    parts = urlsplit(f"{'https' if secure else 'http'}://{rest}")
    try:
        port = parts.port or (8443 if secure else 8123)
    except ValueError:
        raise problems.bad_url(engine, "its port is not a number") from None
    if not parts.hostname:
        raise problems.bad_url(engine, "it names no host")
    credentials = parts.netloc.rpartition("@")[0]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts._replace(netloc=f"{credentials}@{host}:{port}" if credentials else f"{host}:{port}")
