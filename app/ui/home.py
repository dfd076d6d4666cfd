"""The page: sign in, ask, see the answer with its table, SQL, definition and stage times. Run with `streamlit run`."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from app.ui.answer import show
from app.ui.client import Gateway, GatewayError
from app.ui.conversation import beneath, earlier, sidebar
from app.ui.feedback import review, thumbs
from app.ui.plain import escaped, sentence
from app.ui.saving import File, save_as
from app.ui.starters import starters
from app.ui.visit import ASKING, SignInEnded, Visit

GATEWAY_URL = "http://127.0.0.1:8000"
WIDTH_PIXELS, FORM_PIXELS = 1000, 420

Wanted = Callable[[], dict[str, Any] | None]
"""What a button asks for in the run that follows."""

_HEADLINES = {
    0: "DataMind can't be reached right now.",
    401: "That did not sign you in.",
    403: "You are not allowed to do that.",
    503: "A part of DataMind does not answer right now.",
}
_TOO_MUCH = "That took too long or needs too much, and was stopped."
_LIMITS = ("DM5002", "DM5004")


@st.cache_resource
def gateway(base: str) -> Gateway:
    """One client for all visitors; what is theirs travels with each call."""
    return Gateway(base)


def complain(error: GatewayError) -> None:
    """Show what the gateway said, and what to name when asking an admin about it."""
    st.error(_TOO_MUCH if error.code in _LIMITS else _HEADLINES.get(error.status, "That did not work."))
    for line in (error.title, error.hint):
        if line:
            st.text(sentence(line))
    if error.code:
        st.caption(escaped(" · ".join(filter(None, (error.code, error.correlation_id)))))


def sign_in() -> None:
    """The form that a visitor sees."""
    notice = st.session_state.pop("notice", "")
    with st.form("sign-in", width=FORM_PIXELS):
        st.subheader("Sign in", anchor=False)
        email = st.text_input("E-mail", key="email", autocomplete="username")
        password = st.text_input("Password", type="password", key="password", autocomplete="current-password")
        sent = st.form_submit_button("Sign in", type="primary")
    if notice:
        st.info(notice)
    if not sent:
        return
    if not (email.strip() and password):
        st.error("Enter your e-mail address and your password.")
        return
    try:
        visit = Visit.begin(gateway(os.environ.get("DATAMIND_GATEWAY_URL", GATEWAY_URL)), email.strip(), password)
    except GatewayError as error:
        complain(error)
        return
    st.session_state.visit = visit
    st.rerun()


def leave(notice: str) -> None:
    """Forget the visit and everything that it saw."""
    st.session_state.clear()
    st.session_state.notice = notice


def sign_out() -> None:
    """End the sign-in, here and at the gateway."""
    visit: Visit = st.session_state.visit
    told = visit.end()
    leave("You are signed out." if told else "You are signed out here. The gateway could not be told; the sign-in ends by itself.")


def header(visit: Visit) -> None:
    """The name of the page, who is signed in, and the way out."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("DataMind", anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.text(f"{visit.me['email']} ({visit.me['role']})")
            st.button("Sign out", key="sign-out", on_click=sign_out)


def ask(visit: Visit) -> None:
    """The conversation so far, the question, and the answer to the last one. Raises SignInEnded."""
    earlier_place = st.container()
    with st.form("ask", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        question = st.text_input("Ask a question", placeholder="What do you want to know?", key="question")
        asked = st.form_submit_button("Ask", type="primary")
    wanted: Wanted | None = st.session_state.pop("wanted", None)
    if wanted is None and asked and question.strip():
        wanted = partial(visit.ask, question)
    try:
        if wanted is not None:
            st.session_state.pop("answer", None)
            st.session_state.pop("link", None)
            st.session_state.pop("file", None)
            with st.spinner("Asking …"):
                st.session_state.answer = wanted()
        answer: dict[str, Any] | None = st.session_state.get("answer")
        visit.learn(answer["layer_version"] if answer else visit.layer or "")
    except GatewayError as error:
        complain(error)
        answer = st.session_state.get("answer")
    with earlier_place:
        earlier(visit.turns[:-1] if answer and visit.turns else visit.turns)
    if not answer or answer["outcome"] == "refuse":
        starters(visit, question if answer else "", take_up, choose)
    if answer:
        show(answer, visit.labels, choose)
        beneath(answer, st.session_state.get("link", ""), share, ask_again)
        save_as(answer, st.session_state.get("file"), make)
        if answer["outcome"] != "clarify":
            thumbs(visit, answer)
    elif visit.metrics and not visit.turns:
        catalogue(visit.metrics)


def take_up(question: str) -> None:
    """Ask what was suggested, in the next run."""
    visit: Visit = st.session_state.visit
    st.session_state.wanted = partial(visit.ask, question)


def choose(query: dict[str, Any]) -> None:
    """Take an option of the question back, or a query that the answer offers; the next run asks it."""
    visit: Visit = st.session_state.visit
    answer = st.session_state.get("answer") or {}
    options = [choice["query"] for choice in answer.get("choices", ())]
    if answer.get("session_id") and query in options:
        query_id, index = answer["query_id"], options.index(query)
        st.session_state.wanted = partial(visit.take, query_id, index)
    else:
        st.session_state.wanted = partial(visit.put, query)


def ask_again(question: str) -> None:
    """Ask so that no earlier choice counts."""
    visit: Visit = st.session_state.visit
    st.session_state.wanted = partial(visit.ask, question, anew=True)


def share(query_id: str) -> None:
    """Make a link to the answer, which is then shown under it."""
    visit: Visit = st.session_state.visit
    try:
        st.session_state.link = visit.share(query_id)["id"]
    except GatewayError as error:
        st.session_state.complaint = error


def make(query_id: str, ending: str) -> None:
    """Have a file made of the answer, which can then be downloaded."""
    visit: Visit = st.session_state.visit
    try:
        st.session_state.file = File(query_id, ending, visit.export(query_id, ending))
    except GatewayError as error:
        st.session_state.pop("file", None)
        st.session_state.complaint = error
    except SignInEnded:
        leave("Your sign-in has ended. Sign in again to go on.")


def begin() -> None:
    """Begin a conversation: what was asked and answered is put away."""
    visit: Visit = st.session_state.visit
    visit.begin_anew()
    for name in ("answer", "link", "file"):
        st.session_state.pop(name, None)
    st.session_state.question = ""


def reopen(session: str) -> None:
    """Go on with an earlier conversation; the next run asks its last question again, since no rows are kept."""
    visit: Visit = st.session_state.visit
    begin()
    st.session_state.wanted = partial(visit.reopen, session)


def decide(visit: Visit) -> None:
    """What waits for an admin. Raises SignInEnded."""
    try:
        review(visit)
    except GatewayError as error:
        complain(error)


def history(visit: Visit) -> None:
    """Earlier conversations, as they are after what was asked just now. Raises SignInEnded."""
    if visit.me["role"] not in ASKING:
        return
    try:
        visit.look_back()
    except GatewayError:
        st.sidebar.caption("Earlier conversations can't be read right now.")
    sidebar(visit.conversations or [], visit.session, begin, reopen)


def opened(visit: Visit) -> None:
    """What the link in the page's address opens, once."""
    share_id = st.query_params.get("shared", "")
    if share_id and st.session_state.get("opened") != share_id:
        st.session_state.opened = share_id
        st.session_state.wanted = partial(visit.open_shared, share_id)


def catalogue(metrics: list[dict[str, Any]]) -> None:
    """What can be asked about."""
    st.subheader("What you can ask about", anchor=False)
    rows = [{"Metric": item["label"] or item["name"], "What it is": item["description"], "Unit": item["unit"]} for item in metrics]
    texts = {name: st.column_config.TextColumn(name) for name in ("Metric", "What it is", "Unit")}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=texts)


def page() -> None:
    """The whole page, as Streamlit runs it for each action of a visitor."""
    st.set_page_config(page_title="DataMind", layout="wide")
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH_PIXELS):
        visit: Visit | None = st.session_state.get("visit")
        if visit is None:
            st.title("DataMind", anchor=False)
            sign_in()
            return
        header(visit)
        if (complaint := st.session_state.pop("complaint", None)) is not None:
            complain(complaint)
        try:
            opened(visit)
            if visit.me["role"] == "admin" and st.toggle("Review what was flagged", key="reviewing"):
                decide(visit)
            else:
                ask(visit)
                history(visit)
        except SignInEnded:
            leave("Your sign-in has ended. Sign in again to go on.")
            st.rerun()


page()
