"""An answer as a file: the gateway makes it, anew and under the policies of now, when a format is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

FORMATS = {"csv": "CSV", "xlsx": "Excel", "pdf": "PDF, one page", "png": "Chart as PNG", "json": "JSON"}
_MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "png": "image/png",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that was made of the answer of that id."""

    query_id: str
    ending: str
    content: bytes = field(repr=False)


def save_as(answer: Mapping[str, Any], made: File | None, make: Callable[[str, str], None]) -> None:
    """The choice of a format, and the file that was made last. `make` takes the answer's id and the format."""
    if answer["outcome"] != "answer" or not answer["query"] or answer["contributions"]:
        return
    query_id = answer["query_id"]
    key = f"save-{query_id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Save as",
            [ending for ending in FORMATS if ending != "png" or answer["chart"]],
            index=None,
            format_func=FORMATS.__getitem__,
            placeholder="Choose a format",
            key=key,
            on_change=_chosen,
            args=(key, query_id, make),
            width=240,
        )
        if made is not None and made.query_id == query_id:
            name = f"{query_id}.{made.ending}"
            st.download_button(
                f"Download {FORMATS[made.ending]}", made.content, name, _MEDIA[made.ending], key="download", on_click="ignore"
            )


def _chosen(key: str, query_id: str, make: Callable[[str, str], None]) -> None:
    ending = st.session_state[key]
    if ending:
        make(query_id, ending)
