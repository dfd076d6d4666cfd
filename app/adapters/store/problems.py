"""What can go wrong with the store (DM80xx), told without a driver's words: those go to the log of admins through the exception's cause."""

from __future__ import annotations

from app.errors import InternalError, Problem, UserError
from app.model.records import DbtRunRecord


def overtaken() -> UserError:
    """DM8007: another layer became current since this one was compared with it."""
    return UserError(
        Problem("DM8007", "another layer was published meanwhile, with which this one was not compared", hint="sync again: `datamind sync`")
    )


def down() -> InternalError:
    """DM8011: the store does not answer, or gave no connection in time."""
    return InternalError(
        Problem(
            "DM8011",
            "the store (PostgreSQL) does not answer",
            hint="check that it runs and that DATAMIND_STORE_URL names it; try again shortly",
        )
    )


def too_slow() -> InternalError:
    """DM8012: a statement or a lock took longer than the store's own bounds."""
    return InternalError(
        Problem("DM8012", "the store took too long to answer", hint="try again; if it stays so, look for long transactions in the store")
    )


def failed() -> InternalError:
    """DM8013: the store refused a statement of ours."""
    return InternalError(
        Problem("DM8013", "the store refused an operation", hint="run the migrations of this version; the gateway's log holds the cause")
    )


def damaged(what: str) -> InternalError:
    """DM8014: what was read, or was to be written, does not match its hash or its type."""
    return InternalError(
        Problem("DM8014", f"{what} does not match its hash or cannot be read", hint="publish the layer again with this version of DataMind")
    )


def foreign_record(query_id: str) -> InternalError:
    """DM8015: a turn of that id belongs to somebody else and is not replaced."""
    return InternalError(Problem("DM8015", f"the turn {query_id} belongs to another user or project", hint="use a fresh query id"))


def not_audited() -> InternalError:
    """DM8010: an audit event could not be kept, so what it would have recorded must not happen."""
    return InternalError(
        Problem(
            "DM8010",
            "the audit trail cannot be written, so nothing was done",
            hint="check that the store runs and has room; try again shortly",
        )
    )


def migration_locked() -> UserError:
    """DM8016: another instance is migrating and did not finish in time."""
    return UserError(
        Problem("DM8016", "another instance has been migrating the store for too long", hint="look at it, then start this one again")
    )


def newer_store(revision: str) -> UserError:
    """DM8017: the store was migrated by a newer version than this one."""
    return UserError(
        Problem(
            "DM8017",
            f"the store is at revision `{revision}`, which this version does not know",
            hint="run the version that migrated it, or a newer one",
        )
    )


def bad_url(reason: str) -> UserError:
    """DM8018: the store's address cannot be used."""
    return UserError(
        Problem(
            "DM8018",
            f"the store's URL cannot be used: {reason}",
            hint="set DATAMIND_STORE_URL to postgresql://user:password@host:port/database",
        )
    )


def no_scripts() -> InternalError:
    """DM8019: the migration scripts are not where this installation should have them."""
    return InternalError(Problem("DM8019", "the migration scripts are missing from this installation", hint="install DataMind again"))


def target_busy(target: str, run: DbtRunRecord | None) -> UserError:
    """DM8061: dbt runs on the target already; without a run, DM8065: a sync parses there."""
    if run is None:
        return UserError(Problem("DM8065", f"a sync parses the project on the target `{target}`", hint="try again when it has"))
    who = f"`dbt {run.command}` of {run.requested_by}, since {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    return UserError(
        Problem(
            "DM8061",
            f"dbt runs on the target `{target}` already: {who}",
            hint="wait for it (--wait does), or cancel it",
        )
    )
