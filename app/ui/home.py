"""The page: sign in, ask, see the answer with its table, SQL, definition and stage times. Run with `streamlit run`."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st

from app.ui.answer import show
from app.ui.client import Gateway, GatewayError, Tokens

GATEWAY_URL = os.environ.get("DATAMIND_GATEWAY_URL", "http://127.0.0.1:8000")


@st.cache_resource
def gateway() -> Gateway:
    """One client for all visitors; what is theirs travels with each call."""
    return Gateway(GATEWAY_URL)


def complain(error: GatewayError) -> None:
    """Show what the gateway said."""
    reference = f" · {error.code} · {error.correlation_id}" if error.code else ""
    st.error(f"{error.title}{'. ' + error.hint if error.hint else ''}{reference}")


def sign_in() -> None:
    """The form that a visitor without tokens sees."""
    with st.form("sign-in"):
        email = st.text_input("E-mail", key="email")
        password = st.text_input("Password", type="password", key="password")
        if not st.form_submit_button("Sign in"):
            return
    try:
        st.session_state.tokens = gateway().login(email, password)
        st.session_state.me = gateway().me(st.session_state.tokens)
    except GatewayError as error:
        complain(error)
        return
    st.rerun()


def with_fresh_token(call: Any) -> Any:
    """Run `call(tokens)`; where the access token has run out, once more with a new one. Signs the person out where that is refused too."""
    try:
        return call(st.session_state.tokens)
    except GatewayError as error:
        if error.status != 401:
            raise
    try:
        st.session_state.tokens = gateway().refresh(st.session_state.tokens)
    except GatewayError:
        sign_out()
    return call(st.session_state.tokens)


def sign_out() -> None:
    """Forget the tokens and start over."""
    tokens: Tokens | None = st.session_state.pop("tokens", None)
    st.session_state.pop("me", None)
    st.session_state.pop("answer", None)
    if tokens:
        try:
            gateway().logout(tokens)
        except GatewayError:
            st.toast("the gateway could not be told; the session ends by itself")
    st.rerun()


def ask() -> None:
    """The question, and the answer to the last one."""
    with st.sidebar:
        me = st.session_state.me
        st.write(f"**{me['email']}** ({me['role']})")
        if st.button("Sign out"):
            sign_out()
    with st.form("ask"):
        question = st.text_input("Ask a question", placeholder="revenue by sales channel last quarter", key="question")
        asked = st.form_submit_button("Ask")
    chosen = st.session_state.pop("chosen", None)
    try:
        if chosen is not None:
            st.session_state.answer = with_fresh_token(lambda tokens: gateway().query(tokens, chosen))
        elif asked and question.strip():
            with st.spinner("Asking …"):
                st.session_state.answer = with_fresh_token(lambda tokens: gateway().ask(tokens, question))
    except GatewayError as error:
        st.session_state.pop("answer", None)
        complain(error)
    if "answer" in st.session_state:
        show(st.session_state.answer)


st.set_page_config(page_title="DataMind", page_icon="📊", layout="wide")
st.title("DataMind")
if "tokens" in st.session_state:
    ask()
else:
    sign_in()
