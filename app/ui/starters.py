"""Questions under the question box, as pills: to start with, those that others ask a lot, and what a question that was not answered may become."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.ui.client import GatewayError
from app.ui.plain import escaped
from app.ui.visit import Visit

Ask = Callable[[str], None]
Choose = Callable[[dict[str, Any]], None]


def starters(visit: Visit, typed: str, ask: Ask, choose: Choose) -> None:
    """Show what can be asked; a click hands the question to `ask`, or the query of one that others ask to `choose`. Raises SignInEnded.

    With a text these are its completions. A gateway that gives none, or does not answer, leaves the place empty: they are no more than a help.
    """
    begun = bool(typed.strip())
    try:
        completions = visit.call(lambda tokens: visit.gateway.completions(tokens, typed))
        trends = [] if begun else visit.call(visit.gateway.trending)
    except GatewayError:
        return
    _pills("Do you want to ask" if begun else "For instance", "starters", {item["question"]: item["question"] for item in completions}, ask)
    _pills("Asked a lot here", "trends", {item["question"]: item["query"] for item in trends}, choose)


def _pills(label: str, key: str, options: dict[str, Any], take: Callable[[Any], None]) -> None:
    """A row of pills that act as buttons: none stays chosen."""

    def clicked() -> None:
        found = options.get(st.session_state[key])
        st.session_state[key] = None
        if found is not None:
            take(found)

    if options:
        st.pills(label, list(options), key=key, format_func=escaped, on_change=clicked)
