"""Drafts as one YAML document."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.drafts import new_form, old_form
from app.compile.drafts.form import Form
from app.compile.drafts.models import DraftModel
from app.compile.drafts.noted import Section, written
from app.compile.drafts.spine import spine_section


def document(drafts: Sequence[DraftModel], form: Form, head: Sequence[str], *, spine: bool) -> str:
    """The text; `head` lines are comments, `spine` adds the time spine that the project lacks."""
    sections = new_form.sections(drafts) if form.inside_models else old_form.sections(drafts, form)
    sections = _once([*sections, *(spine_section(form) if spine else ())])
    blocks = [[*(f"# {line}" for line in head), "version: 2"], *(written([section]) for section in sections)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _once(sections: Sequence[Section]) -> list[Section]:
    """Sections with one of each key: YAML takes a key once."""
    found: dict[str, Section] = {}
    for section in sections:
        before = found.get(section.key)
        found[section.key] = Section(section.key, [*before.items, *section.items]) if before else section
    return list(found.values())
