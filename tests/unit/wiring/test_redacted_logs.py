"""No log line holds personal data, whoever writes it: ours, a library's, with its arguments, fields and exceptions."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from app.cli import logs as of_command
from app.gateway import logs as of_gateway
from app.wiring.redacted_logs import configure_plain, redact_records

CANARY = "canary.ana@example.com"
CARD = "4111 1111 1111 1111"


pytestmark = pytest.mark.usefixtures("logs_as_before")


def everything(log: structlog.stdlib.BoundLogger) -> None:
    """Log the canary in every way there is."""
    log.warning("said " + CANARY, of=CANARY, deep={"rows": [CANARY, 4111111111111111]}, number=CARD)
    try:
        raise ValueError(f"duplicate key ({CANARY})")
    except ValueError:
        log.exception("failed")
        logging.getLogger("some.library").exception("for %s", CANARY)
    logging.getLogger("uvicorn.error").warning("card %(n)s of %(who)s", {"n": CARD, "who": CANARY})
    logging.getLogger("celery.worker").error(CANARY)


@pytest.mark.parametrize("form", ["json", "text"])
def test_lines_of_the_gateway(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    of_gateway.configure(form)
    everything(structlog.get_logger())
    lines = capsys.readouterr().err
    assert "canary" not in lines
    assert "4111" not in lines
    assert lines.count("[EMAIL_MASKED]") >= 7
    assert "ValueError: duplicate key ([EMAIL_MASKED])" in lines
    if form == "json":
        assert all(json.loads(line)["timestamp"] for line in lines.splitlines())


def test_lines_of_the_worker(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    logging.getLogger().handlers = [logging.StreamHandler(stream)]
    configure_plain()
    everything(structlog.get_logger())
    lines = capsys.readouterr().err + stream.getvalue()
    assert "canary" not in lines
    assert "4111" not in lines
    assert "ValueError: duplicate key ([EMAIL_MASKED])" in stream.getvalue()


def test_lines_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    logging.getLogger().handlers = [logging.StreamHandler(stream)]
    of_command.configure()
    everything(structlog.get_logger())
    lines = capsys.readouterr().err + stream.getvalue()
    assert "[EMAIL_MASKED]" in lines
    assert "canary" not in lines


def test_words_that_do_not_fit_their_arguments_are_redacted_too() -> None:
    redact_records()
    redact_records()
    record = logging.getLogRecordFactory()("x", logging.INFO, "f.py", 1, "wrong %d", (CANARY,), None)
    assert "canary" not in str(record.__dict__)
    plain = logging.getLogRecordFactory()("x", logging.INFO, "f.py", 1, "%d rows", (3,), None)
    assert (plain.msg, plain.args) == ("%d rows", (3,))
