"""The worker's consumer of messages: one that can't be read is kept for an admin, in place of a line in a log."""

from __future__ import annotations

from typing import Any

from celery.utils.log import get_logger
from celery.worker.consumer import Consumer
from celery.worker.state import active_requests

from app.service import jobs
from app.wiring.worker import task_deps

PAUSE_SECONDS = 5.0
"""How long a message that could not be kept stays with the worker before it goes back to the queue, which gives it to a worker at once."""
_log = get_logger(__name__)


class PatientConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """Keeps, as dead jobs, messages in another format than JSON, or of tasks that do not exist. Outlives its Redis."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Called by Celery when Redis goes away. Tasks that run go on. Neither are their messages put back into it now, nor acknowledged when they end: both would
        be tried over the connection that is gone, and would end the worker. Redis hands them out again after hours, for jobs that have ended by then; what had
        not begun waits in the store, and is sent again from there."""
        for request in tuple(active_requests):
            request.acknowledged = True
        channel = self.connection._default_channel
        if channel is not None:
            channel.do_restore = False
        super().on_connection_error_after_connected(exc)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Called by Celery for a message whose content it refuses to read."""
        if self._kept(message, type(exc).__name__):
            super().on_decode_error(message, exc)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Called by Celery for a message that is no task."""
        if self._kept(message, "no task"):
            super().on_unknown_message(body, message)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Called by Celery for a task that it does not know."""
        if self._kept(message, "unknown task"):
            super().on_unknown_task(body, message, exc)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Called by Celery for a task's message that it refuses to read."""
        if self._kept(message, type(exc).__name__):
            super().on_invalid_task(body, message, exc)

    def _kept(self, message: Any, reason: str) -> bool:
        """Whether the store keeps it. Where it can't, the message goes back to the queue after a pause, and nothing is raised: Celery would end the worker."""
        told = {"content_type": str(message.content_type)[:100], "reason": reason, "bytes": len(message.body or b"")}
        try:
            with task_deps() as deps:
                jobs.keep_unreadable(deps, told)
        except Exception as error:  # whatever it is: the message must not be lost
            _log.warning("a message that can't be read could not be kept either (%s); it is put back", type(error).__name__)
            self.timer.call_after(PAUSE_SECONDS, message.reject_log_error, (_log, self.connection_errors), {"requeue": True})
            return False
        return True
