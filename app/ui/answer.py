"""How an answer looks on the page."""

from __future__ import annotations

from typing import Any

import streamlit as st


def show(answer: dict[str, Any]) -> None:
    """The answer, the question back, or the honest no."""
    if answer["outcome"] != "answer":
        _not_answered(answer)
        return
    if answer["restated"]:
        st.subheader(answer["restated"])
    if answer["text"]:
        st.write(answer["text"])
    names = [column["name"] for column in answer["columns"]]
    st.dataframe([{name: row[name] for name in names} for row in answer["results"]], hide_index=True, width="stretch")
    if answer["truncated"]:
        st.warning(f"Only the first {answer['rows_returned']} rows are shown.")
    if answer["policies_applied"]:
        st.info("A data policy applies to you: rows or values may be hidden.")
    for definition in answer["definitions"]:
        with st.expander(f"What is {definition.get('label') or definition['metric']}?", expanded=True):
            st.write(definition.get("description", ""))
            st.code(definition.get("formula", ""), language=None)
            st.caption(" · ".join(filter(None, (definition.get("type"), definition.get("file"), definition.get("owner")))))
    with st.expander("SQL"):
        st.code(answer["sql"], language="sql")
        if answer["governed_sql"]:
            st.caption("As it ran, with policy in it (admins only)")
            st.code(answer["governed_sql"], language="sql")
    with st.expander("How it was answered"):
        st.write(f"Engine: **{answer['engine']}**, because {answer['engine_reason']}.")
        st.dataframe([{"stage": stage["stage"], "ms": stage["ms"]} for stage in answer["stages"]], hide_index=True, width="content")
        st.caption(f"confidence {answer['confidence']:.2f} · layer {answer['layer_version']} · {answer['query_id']}")


def _not_answered(answer: dict[str, Any]) -> None:
    """A question back with its options as buttons, or a no with what can be answered."""
    (st.warning if answer["outcome"] == "clarify" else st.error)(answer["text"])
    for number, choice in enumerate(answer["choices"]):
        if st.button(choice["text"], key=f"choice-{number}"):
            st.session_state.chosen = {"semantic_query": choice["query"]}
            st.rerun()
    if answer["nearest"]:
        st.write("What can be answered:")
        for nearest in answer["nearest"]:
            st.write(f"- {nearest}")
