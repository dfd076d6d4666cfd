"""What a person says of an answer, and for admins what was said: flagged answers, and the corrections and language models that wait."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import streamlit as st

from app.ui.client import GatewayError
from app.ui.plain import escaped
from app.ui.visit import Visit

UP, DOWN = 5, 1
_LATER = "it answers once every approved question was asked again"
_PARTS = ("metrics", "group_by", "order", "limit", "start_time", "end_time")


def thumbs(visit: Visit, answer: dict[str, Any]) -> None:
    """Two thumbs, and words for what is wrong."""
    query_id = answer["query_id"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Good", icon=":material/thumb_up:", key="thumb-up", on_click=_say, args=(visit, query_id, UP))
        st.button("Wrong", icon=":material/thumb_down:", key="thumb-down", on_click=_say, args=(visit, query_id, DOWN))
        st.text_input("What is wrong", key="comment", label_visibility="collapsed", placeholder="What is wrong with it?", max_chars=4_000)
    said = st.session_state.get("said")
    if said and said[0] == query_id:
        st.caption(escaped(said[1]))


def review(visit: Visit) -> None:
    """The page of admins: what was flagged, newest first, the corrections that are held, and the language models that do not draft. Raises GatewayError."""
    st.subheader("Flagged answers", anchor=False)
    entries = visit.call(lambda tokens: visit.gateway.training_data(tokens, "flagged-for-review"))
    if not entries:
        st.text("Nothing waits for you.")
    for entry in entries:
        _entry(visit, entry)
    held = visit.call(lambda tokens: visit.gateway.corrections(tokens, "held"))
    if held:
        st.subheader("Held corrections", anchor=False)
    for one in held:
        _held(visit, one)
    waiting = [one for one in visit.call(visit.gateway.models) if one["order"] and not one["drafts"]]
    if waiting:
        st.subheader("Language models that do not draft", anchor=False)
    for one in waiting:
        _model(visit, one)
    if told := st.session_state.pop("decided", ""):
        st.info(escaped(told))


def _say(visit: Visit, query_id: str, rating: int) -> None:
    comment = st.session_state.get("comment", "")
    try:
        told = visit.call(lambda tokens: visit.gateway.flag(tokens, query_id, rating, comment))
        st.session_state.said = (query_id, told["message"])
        st.session_state.comment = ""
    except GatewayError as error:
        st.session_state.complaint = error


def _entry(visit: Visit, entry: dict[str, Any]) -> None:
    key = entry["id"]
    with st.expander(escaped(f"{entry['question'] or '(its words were removed)'} · {_age(entry['age_seconds'])}")):
        st.text(entry["comment"] or "no comment")
        st.text(f"Answered as: {entry['restated'] or entry['outcome']}")
        st.code(entry["sql"], language="sql", wrap_lines=True)
        question = st.text_input("The question", value=entry["question"], key=f"question-{key}")
        query = st.text_area("What it asks (JSON, as POST /query takes it)", value=as_asked(entry), key=f"query-{key}")
        reason = st.text_input("Why nothing is wrong", key=f"reason-{key}")
        with st.container(horizontal=True):
            if st.button("Approve the correction", key=f"approve-{key}", type="primary"):
                _approve(visit, key, question, query)
            if st.button("Reject the flag", key=f"reject-{key}"):
                _decide(visit, "/reject", {"flagged_entry_id": key, "reason": reason}, "rejected")


def _differences(one: dict[str, Any]) -> None:
    for difference in one["differences"]:
        st.text(f"{difference['question']}\napproved: {difference['approved']}\nnow: {difference['now']}")


def _model(visit: Visit, one: dict[str, Any]) -> None:
    with st.expander(escaped(f"{one['provider']} {one['model']} · {one['state']}")):
        asked = one["questions"]
        st.text(one["fault"] or f"{asked['same']} of {asked['approved']} approved questions read as approved, {asked['other']} otherwise")
        _differences(one)
        ways = {"held": ("accept", "reject"), "rejected": ("accept",), "pending": ("reject",)}.get(one["state"], ()) if one["id"] else ()
        reason = st.text_input("Reason", key=f"reason-{one['id']}") if ways else ""
        with st.container(horizontal=True):
            for way in ways:
                if st.button(way.capitalize(), key=f"{way}-{one['id']}"):
                    visit.call(partial(visit.gateway.decide_model, model_id=one["id"], way=way, reason=reason))
                    st.session_state.decided = f"done: {way}"
                    st.rerun()


def _held(visit: Visit, one: dict[str, Any]) -> None:
    with st.expander(escaped(one["question"])):
        _differences(one)
        reason = st.text_input("Reason", key=f"reason-{one['id']}")
        with st.container(horizontal=True):
            for label, way, told in (("Accept", "accept", _LATER), ("Withdraw", "withdraw", "withdrawn")):
                if st.button(label, key=f"{way}-{one['id']}"):
                    _decide(visit, f"/corrections/{one['id']}/{way}", {"reason": reason}, told)


def _approve(visit: Visit, entry_id: str, question: str, query: str) -> None:
    try:
        corrected = json.loads(query)
    except ValueError:
        st.error("That is no JSON.")
        return
    body = {"flagged_entry_id": entry_id, "question": question, "corrected_query": corrected}
    _decide(visit, "/approve", body, _LATER)


def _decide(visit: Visit, path: str, body: dict[str, Any], told: str) -> None:
    visit.call(lambda tokens: visit.gateway.decide(tokens, path, body))
    st.session_state.decided = told
    st.rerun()


def as_asked(entry: dict[str, Any]) -> str:
    """What was answered, as a query that can be changed; what the form has no words for is left to the full query."""
    asked = entry["semantic_query"] or {}
    if set(asked) - {"metrics", "group_by", "time", "limit", "order_by"}:
        return json.dumps({"semantic_query": asked}, indent=1)
    time, items = asked.get("time") or {}, asked.get("group_by", ())
    if set(time) - {"start", "end", "phrase"} or any(item.get("date_part") for item in items):
        return json.dumps({"semantic_query": asked}, indent=1)
    groups = ["__".join((*item.get("path", ()), item["name"], *filter(None, [item.get("grain")]))) for item in items]
    order = [f"{'-' if one.get('descending') else ''}{one['name']}" for one in asked.get("order_by", ())]
    given = {
        "metrics": asked.get("metrics", []), "group_by": groups, "order": order, "limit": asked.get("limit"),
        "start_time": time.get("start"), "end_time": time.get("end"),
    }  # fmt: skip
    return json.dumps({name: given[name] for name in _PARTS if given.get(name)}, indent=1)


def _age(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "just now"
