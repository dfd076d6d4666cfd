"""The calls of a language model for one question, and what they took."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Problem
from app.language.drafting.prompt import Prompt
from app.model.answer import Drafted, Verdict
from app.pipeline.cancelled import stop_if_cancelled
from app.pipeline.turn import Drafter
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable

MOST_CALLS = 2
"""A draft, and one try to mend it."""


@dataclass(slots=True)
class ModelCalls:
    """Asks the model for one person, and counts."""

    drafter: Drafter
    user_id: str
    cancel: Cancel
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    ms: float = 0.0
    provider: str = ""
    model: str = ""

    def said(self, asked: Prompt) -> str:
        """What the model says to a prompt. Raises ModelUnavailable, whatever the adapter raises; UserError DM5003 once nobody waits for it: a call costs money, and
        one that hangs is left behind."""
        stop_if_cancelled(self.cancel)
        try:
            reply = self.drafter.model.complete(asked.messages, asked.schema, self.user_id, self.cancel)
        except ModelUnavailable:
            stop_if_cancelled(self.cancel)
            raise
        except Exception as error:  # a fault of an adapter is one of the model: the question is answered without it
            raise ModelUnavailable(Problem("DM8090", f"the language model could not be asked ({type(error).__name__})")) from None
        self.calls += 1
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out
        self.cost += reply.cost
        self.ms += reply.ms
        self.provider, self.model = reply.provider, reply.model
        return reply.text

    def record(self, verdict: Verdict) -> Drafted:
        """For the answer, the query log and the audit trail."""
        provider, model = self.provider or self.drafter.model.provider, self.model or self.drafter.model.model
        return Drafted(provider, model, verdict, self.calls, self.tokens_in, self.tokens_out, self.cost, round(self.ms, 3))
