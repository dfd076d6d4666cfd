"""`growth` and `churn`: a number against what was a window before."""

from __future__ import annotations

from app.compile.drafts.templates.ground import COUNTS, Asked, Definition, Ground


def growth(asked: Asked, ground: Ground) -> Definition:
    """The change of a metric against a window before, as a share of what it was: `--metric`, `--window`."""
    metric = ground.metric("--metric", asked.metric, what="the number that grows")
    window = ground.window(asked.window, "how long before it is compared with")
    ground.spine("an offset")
    before = f"{metric}_before"
    return {
        "description": f"Change of {metric} against {window} before, as a share of it.",
        "type": "derived",
        "type_params": {
            "expr": f"({metric} - {before}) / nullif({before}, 0)",
            "metrics": [{"name": metric}, {"name": metric, "alias": before, "offset_window": window}],
        },
        "unit": "%",
        "format": "0.0%",
    }


def churn(asked: Asked, ground: Ground) -> Definition:
    """Those who were lost in a period as a share of those who were there when it began: `--lost`, `--active`, `--window`."""
    lost, active, window = lost_and_active(asked, ground)
    return {
        "description": f"{lost} as a share of {active} at the end of the period before; ask for it by {window.split()[1].removesuffix('s')}.",
        "type": "derived",
        "type_params": {
            "expr": f"coalesce({lost}, 0) / nullif({active}_before, 0)",
            "metrics": [{"name": lost}, {"name": active, "alias": f"{active}_before", "offset_window": window}],
        },
        "unit": "%",
        "format": "0.0%",
        "time_granularity": _grain(window),
    }


def kept(asked: Asked, ground: Ground) -> Definition:
    """Those who were there when a period began and were not lost in it, as a share: one less churn."""
    lost, active, window = lost_and_active(asked, ground)
    return {
        "description": f"1 less {lost} as a share of {active} at the end of the period before; ask for it by {window.split()[1].removesuffix('s')}.",
        "type": "derived",
        "type_params": {
            "expr": f"1 - coalesce({lost}, 0) / nullif({active}_before, 0)",
            "metrics": [{"name": lost}, {"name": active, "alias": f"{active}_before", "offset_window": window}],
        },
        "unit": "%",
        "format": "0.0%",
        "time_granularity": _grain(window),
    }


def lost_and_active(asked: Asked, ground: Ground) -> tuple[str, str, str]:
    """The metrics of those who were lost and of those who are there, and the window of one period."""
    lost = ground.metric("--lost", asked.lost, COUNTS, what="those who left in the period, as churned_subscriptions")
    active = ground.metric("--active", asked.active, COUNTS, what="those who are there at its end, as active_subscriptions")
    if lost == active:
        raise ground.unfit(f"`{lost}` can't be both who left and who stayed", "name two metrics")
    window = ground.window(asked.window or "1 month", "the period")
    if window.split()[0] != "1":
        raise ground.unfit(
            f"`{window}` is more than one period", "what was lost in a period is compared with its beginning: `1 month`, `1 quarter`"
        )
    ground.spine("an offset")
    return lost, active, window


def _grain(window: str) -> str:
    return window.split()[1].removesuffix("s")
