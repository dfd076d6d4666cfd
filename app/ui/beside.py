"""What stands beside an answer on the page: the question in parts to change, the chart, what to ask next, and what a change is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from app.ui.plain import escaped

Choose = Callable[[dict[str, Any]], None]

_ROLES = {"group": "Group", "having": "Only with", "calculation": "Calculation", "top": "First groups"}


def show_parts(answer: Mapping[str, Any], choose: Choose) -> None:
    """The parts that can be changed, each as a list of its other forms: taking one asks the query that it makes."""
    parts = [(at, part) for at, part in enumerate(answer["parts"]) if part["alternatives"]]
    if not parts:
        return
    with st.container(horizontal=True):
        for at, part in parts:
            ways, key = part["alternatives"], f"part-{answer['query_id']}-{at}"
            texts: list[str] = [part["text"], *(way["text"] for way in ways)]
            st.selectbox(
                _ROLES.get(part["role"], part["role"].capitalize()),
                list(range(len(texts))),
                format_func=texts.__getitem__,
                key=key,
                on_change=_changed,
                args=(key, ways, choose),
                width=240,
            )


def _changed(key: str, ways: list[dict[str, Any]], choose: Choose) -> None:
    number = st.session_state[key]
    if number:
        choose(ways[number - 1]["query"])


def show_chart(answer: Mapping[str, Any]) -> None:
    """The chart that the gateway chose, with the rows put in under the name that it gives them."""
    if answer["chart"] is None:
        return
    rows = [{name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()} for row in answer["results"]]
    st.vega_lite_chart({**answer["chart"], "datasets": {answer["chart"]["data"]["name"]: rows}}, width="stretch")


def show_follow_ups(answer: Mapping[str, Any], choose: Choose) -> None:
    """What may be asked next, as buttons."""
    if not answer["follow_ups"]:
        return
    with st.container(horizontal=True):
        for number, follow_up in enumerate(answer["follow_ups"]):
            key = f"follow-up-{answer['query_id']}-{number}"
            st.button(escaped(follow_up["text"]), key=key, on_click=choose, args=(follow_up["query"],))


def show_contributions(answer: Mapping[str, Any]) -> None:
    """What each value of the dimensions has to do with a change."""
    if not answer["contributions"]:
        return
    found = answer["contributions"]
    numbers = {"Before": "previous", "Now": "current", "Change": "change"}
    shares = [None if one["share"] is None else float(one["share"]) for one in found]
    table: dict[str, list[Any]] = {
        "Dimension": [one["label"] for one in found],
        "Value": [one["value"] for one in found],
        **{heading: [None if one[name] is None else float(one[name]) for one in found] for heading, name in numbers.items()},
        **({"Share of the change": shares} if any(share is not None for share in shares) else {}),
    }
    percent = st.column_config.NumberColumn("Share of the change", format="percent")
    st.dataframe(table, hide_index=True, width="content", column_config={"Share of the change": percent})
