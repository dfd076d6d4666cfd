"""What governance did to a query: in words for admins, yes or no for everybody else."""

from __future__ import annotations

from collections.abc import Iterable

from app.govern.access import Access


def policies_applied(models: Iterable[str], access: Access) -> bool:
    """Whether a row filter or a mask holds for this principal on any of the models: never which, or what it hides."""
    return any(access.of(model).restricted for model in models)


def explain_policies(models: Iterable[str], access: Access) -> tuple[str, ...]:
    """For an admin: a sentence per model and kind of rule. Empty for anybody else, so that no caller can show it by mistake."""
    if not access.is_admin:
        return ()
    sentences: list[str] = []
    for name in sorted(set(models)):
        rule = access.of(name)
        if rule.predicate is not None:
            sentences.append(f"{name}: rows are filtered")
        sentences.extend(f"{name}.{column}: masked ({rule.masks[column].kind.value})" for column in sorted(rule.masks))
        sentences.extend(f"{name}.{column}: denied" for column in sorted(rule.denied))
        if rule.policies:
            sentences.append(f"{name}: by {', '.join(rule.policies)}")
    return tuple(sentences)
