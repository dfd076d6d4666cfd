"""A conversation on the page: what was asked before, the way back to earlier ones, and sharing an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.ui.plain import escaped

CHOSEN_BEFORE = "DM6063"
_LONGEST_TITLE = 60


def earlier(turns: Sequence[Mapping[str, Any]]) -> None:
    """The questions of the conversation with how each was understood, without what was answered: rows are not kept."""
    if not turns:
        return
    with st.container(border=True):
        for turn in turns:
            st.text(turn["question"] or turn["restated"])
            told = {"answer": turn["restated"], "clarify": "Asked back."}.get(turn["outcome"], "Not answered.")
            if turn["question"]:
                st.caption(escaped(told))


def sidebar(conversations: Sequence[Mapping[str, Any]], session: str, begin: Callable[[], None], reopen: Callable[[str], None]) -> None:
    """The way to a new conversation, and back to earlier ones."""
    with st.sidebar:
        st.button("New conversation", key="new-conversation", on_click=begin, type="primary", width="stretch")
        for kept in conversations:
            title = kept["title"] if len(kept["title"]) <= _LONGEST_TITLE else f"{kept['title'][: _LONGEST_TITLE - 1]}…"
            st.button(
                escaped(title) or "…",
                key=f"open-{kept['session_id']}",
                on_click=reopen,
                args=(kept["session_id"],),
                disabled=kept["session_id"] == session,
                type="tertiary",
            )


def beneath(answer: Mapping[str, Any], link: str, share: Callable[[str], None], ask_again: Callable[[str], None]) -> None:
    """What can be done with an answer: share it by a link, or choose another reading than the one that was remembered."""
    if answer["outcome"] != "answer":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if any(problem["code"] == CHOSEN_BEFORE for problem in answer["problems"]):
            st.button("Ask me again", key="ask-again", on_click=ask_again, args=(answer["question"],))
        if answer["query"]:
            st.button("Share", key="share", on_click=share, args=(answer["query_id"],))
    if link:
        st.caption("Whoever is signed in and opens this link sees what they may see of it:")
        st.code(f"?shared={link}", language=None)
