"""How an answer looks on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.model.read_by import read_by
from app.ui.beside import Choose, show_chart, show_contributions, show_follow_ups, show_parts
from app.ui.plain import escaped, sentence
from app.ui.table import columns_of, show_table


def show(answer: Mapping[str, Any], labels: Mapping[str, str], choose: Choose) -> None:
    """The answer, the question back, or the honest no. `labels` are the dimensions' by name; `choose` takes the query of a choice."""
    if answer["outcome"] != "answer":
        _not_answered(answer, choose)
        return
    if answer["restated"]:
        st.subheader(escaped(answer["restated"]), anchor=False)
    _read_by(answer)
    show_parts(answer, choose)
    _result(answer, labels)
    show_contributions(answer)
    if answer["truncated"]:
        st.warning(f"Only the first {answer['rows_returned']:,} rows are shown. Ask for a shorter period or a top 10 to see all.")
    for problem in answer["problems"]:
        if problem["severity"] == "warning":
            st.warning(escaped(sentence(problem["message"])))
        else:
            st.text(sentence(problem["message"]))
    show_follow_ups(answer, choose)
    definition, sql, how = st.tabs(["Definition", "SQL", "How it was answered"])
    with definition:
        _definitions(answer)
    with sql:
        _sql(answer)
    with how:
        _how(answer)


def _read_by(answer: Mapping[str, Any]) -> None:
    """By whom the question was read, where that is more than the project's words."""
    drafted = answer["drafted"] or {}
    model = " ".join(filter(None, (drafted.get("provider"), drafted.get("model"))))
    told = read_by([problem["code"] for problem in answer["problems"]], model, drafted.get("verdict", ""))
    if told:
        st.caption(escaped(sentence(told)))


def _result(answer: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """One row of metrics as large figures, anything else as a table, and the sentence that says it."""
    columns = columns_of(answer, labels)
    styles = [column.style for column in columns.values()]
    if answer["rows_returned"] == 1 and all(style is not None and style.known for style in styles):
        for place, (name, column) in zip(st.columns(len(columns)), columns.items(), strict=True):
            value = answer["results"][0][name]
            figure = "–" if value is None or column.style is None else column.style.write(value)
            label = next(item.get("label") or name for item in answer["definitions"] if item["metric"] == name)
            place.metric(escaped(label), escaped(figure), **_compared(answer))
        st.text(answer["text"])
        return
    st.text(answer["text"])
    show_chart(answer)
    if answer["rows_returned"]:
        st.space("small")  # the table's toolbar opens above it
        show_table(columns, answer["rows_returned"])


def _compared(answer: Mapping[str, Any]) -> dict[str, Any]:
    """How one figure changed, for the mark under it: whether that is good is not known, so it has no colour of good or bad."""
    found = answer["comparison"]
    if found is None or found["percent"] is None or answer["contributions"]:
        return {}
    return {"delta": f"{float(found['percent']):+.1%}", "delta_color": "off"}


def _definitions(answer: Mapping[str, Any]) -> None:
    if not answer["definitions"]:
        st.text("No metric was asked for.")
    for definition in answer["definitions"]:
        st.markdown(f"**{escaped(definition['label'] or definition['metric'])}**")
        if definition["description"]:
            st.text(definition["description"])
        st.code(definition["formula"], language=None, wrap_lines=True)
        told = (
            ("Kind", definition["type"]),
            ("Unit", definition["unit"]),
            ("Owner", definition["owner"]),
            ("Defined in", definition["file"]),
        )
        st.caption(" · ".join(f"{name}: {escaped(value)}" for name, value in told if value))
    for source in answer["sources"]:
        built = f"built {source['built_at'][:16].replace('T', ' ')} UTC" if source["built_at"] else ""
        tests = {"passed": f"{source['passed_tests']} tests passed"}.get(source["tests"], f"tests {source['tests']}")
        fresh = f"sources {'fresh' if source['freshness'] == 'passed' else source['freshness']}"
        stands = (built, "" if source["tests"] == "unknown" else tests, "" if source["freshness"] == "unknown" else fresh)
        st.caption(escaped(" · ".join(filter(None, (f"From {source['label']}", source["file"], *stands)))))


def _sql(answer: Mapping[str, Any]) -> None:
    st.code(answer["sql"], language="sql", wrap_lines=True)
    if answer["governed_sql"]:
        st.caption("As it ran, with the policies in it (only admins see this)")
        st.code(answer["governed_sql"], language="sql", wrap_lines=True)


def _how(answer: Mapping[str, Any]) -> None:
    """The engine and why, the policies where they may be told, each stage's time, and what to name when asking about this answer."""
    st.text(f"Engine: {answer['engine']}, because {answer['engine_reason']}.")
    if answer["policies"]:
        st.text("Policies: " + ", ".join(answer["policies"]))
    stages = answer["stages"]
    st.dataframe(
        {"Stage": [stage["stage"].capitalize() for stage in stages], "ms": [float(stage["ms"]) for stage in stages]},
        hide_index=True,
        width="content",
        height="content",
        column_config={"ms": st.column_config.NumberColumn("Milliseconds", format="%,.1f", alignment="right")},
    )
    total = sum(float(stage["ms"]) for stage in stages)
    told = f"{total:,.1f} ms in all · confidence {answer['confidence']:.0%} · layer {answer['layer_version']} · {answer['query_id']}"
    st.caption(escaped(told))


def _not_answered(answer: Mapping[str, Any], choose: Choose) -> None:
    """A question back with its options as buttons, or a no with the reason and what is near."""
    asks = answer["outcome"] == "clarify"
    (st.info if asks else st.warning)("Which one do you mean?" if asks else "This question can't be answered as it is asked.")
    st.text(sentence(answer["text"]))
    for hint in dict.fromkeys(problem["hint"] for problem in answer["problems"] if problem["hint"] and not asks):
        st.text(sentence(hint))
    for number, choice in enumerate(answer["choices"]):
        st.button(escaped(choice["text"]), key=f"choice-{answer['query_id']}-{number}", on_click=choose, args=(choice["query"],))
    if answer["nearest"]:
        st.text("\n".join(("What comes nearest:", *(f"•  {nearest}" for nearest in answer["nearest"]))))
