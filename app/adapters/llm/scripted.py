"""A language model that answers from a file of rules: for tests, for trying things out without a vendor, and for demonstrations that repeat.

The file is a JSON list of rules, tried in their order: `match` is searched for in the last message of the user, and the first rule that is found answers with
`reply` (any JSON), `text` (as it is, which need not be JSON), or `error` (a name of `FAULTS`). It is read at every call, so that it can be changed meanwhile.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.adapters.llm import problems
from app.adapters.llm.vendor import Said
from app.model.base import Node
from app.model.prompt import Message
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable

PROVIDER = "scripted"
FAULTS: Mapping[str, Callable[[], ModelUnavailable]] = {
    "unreachable": lambda: problems.unreachable(PROVIDER, "the script says so"),
    "refused": lambda: problems.refused(PROVIDER, 401),
    "too_slow": lambda: problems.too_slow(PROVIDER, 0),
    "too_long": lambda: problems.too_long(PROVIDER, 0),
    "no_json": lambda: problems.no_json(PROVIDER, "the script says so"),
    "over_budget": lambda: problems.over_budget("the script says so"),
}


class Rule(Node, frozen=True, forbid_unknown_fields=True):
    """What is said where `match`, a regular expression, is found. `tokens_in` and `tokens_out` are what the reply is said to have used."""

    match: str
    reply: msgspec.Raw = msgspec.Raw()
    text: str = ""
    error: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


class ScriptedModel:
    """Answers by the rules of `script`; where `log` is named, what it received is appended there, one JSON document a line."""

    provider = PROVIDER
    wordy = False

    def __init__(self, script: Path, *, log: Path | None = None, model: str = "script") -> None:
        self.model = model
        self._script = script
        self._log = log
        self._lock = threading.Lock()

    def say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None = None) -> Said:
        """By the first rule that matches. Raises ModelUnavailable: what the rule says, DM8090 where no rule matches, DM8097 where the script can't be read."""
        del cancel  # it takes no time
        self._write(messages, schema)
        asked = next((one.content for one in reversed(messages) if one.role == "user"), "")
        for rule in self._rules():
            if re.search(rule.match, asked, re.DOTALL):
                if rule.error:
                    raise FAULTS[rule.error]()
                return Said(rule.text if rule.text else bytes(rule.reply).decode(), rule.tokens_in, rule.tokens_out)
        raise problems.unreachable(self.provider, "no rule of the script matches")

    def reach(self) -> str:
        """Why the script can't be read, "" where it can."""
        try:
            self._rules()
        except ModelUnavailable as error:
            return error.problem.message
        return ""

    def _rules(self) -> Sequence[Rule]:
        try:
            rules = msgspec.json.decode(self._script.read_bytes(), type=list[Rule])
            for rule in rules:
                re.compile(rule.match)
        except OSError as error:
            raise problems.unusable(self.provider, f"its script can't be read: {error.strerror}") from None
        except (msgspec.DecodeError, re.error) as error:
            raise problems.unusable(self.provider, f"its script is not in order: {error}") from None
        for number, rule in enumerate(rules):
            if rule.error and rule.error not in FAULTS:
                raise problems.unusable(
                    self.provider, f"its script is not in order: `error` of rule {number} is none of {', '.join(FAULTS)}"
                )
        return rules

    def _write(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> None:
        if self._log is None:
            return
        line = msgspec.json.encode({"messages": messages, "schema": schema}) + b"\n"
        try:
            with self._lock, self._log.open("ab") as file:
                file.write(line)
        except OSError as error:
            raise problems.unusable(self.provider, f"its log can't be written: {error.strerror}") from None
