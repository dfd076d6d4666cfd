"""A support desk with accounts, tickets and payouts: what is done there is said with verbs."""

from __future__ import annotations

from app.model.expr import Column, Literal
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType
from tests.unit.language.layers import category, key, metric, time

ONE = Literal(1, DataType.INTEGER)
VALUES = {
    "account__account_name": ("Heron Systems", "Finch Foods"),
    "agent__town": ("Hamburg", "Ghent"),
    "account__home_town": ("Bremen", "Ghent"),
}


def help_desk() -> Ontology:
    """Tickets of accounts, answered by agents; payouts to accounts."""
    accounts = SemanticModel(
        "accounts",
        "dim_accounts",
        entities=(key("account", EntityType.PRIMARY),),
        dimensions=(
            category("account_name", synonyms=("customer",)),
            category("tier", label="Account tier", values=("key", "small")),
            category("billing", label="Billing cycle", values=("annual", "monthly")),
            category("opt_in", label="Newsletter opt-in"),
            category("has_contract", label="Has a frame contract", description="Signed frame contract"),
            category("home_town"),
            category("stars", label="Star"),
            category("is_charity", label="Nonprofit", description="Charity or not"),
            time("signed_up_on"),
        ),
        measures=(Measure("signups", Aggregation.COUNT, ONE),),
        agg_time_dimension="signed_up_on",
    )
    agents = SemanticModel(
        "agents",
        "dim_agents",
        entities=(key("agent", EntityType.PRIMARY), key("team", EntityType.FOREIGN)),
        dimensions=(category("agent_code", label="Agent"), category("town", label="Agent town")),
    )
    tickets = SemanticModel(
        "tickets",
        "fct_tickets",
        entities=(key("ticket", EntityType.PRIMARY), key("account", EntityType.FOREIGN), key("agent", EntityType.FOREIGN)),
        dimensions=(
            time("opened_at"),
            category("status", values=("opened", "solved", "escalated")),
            category("category", label="Ticket category", values=("billing error", "login", "too slow")),
            category("channel", values=("phone", "email", "chat")),
        ),
        measures=(
            Measure("tickets", Aggregation.COUNT, ONE),
            Measure("hours_to_resolve", Aggregation.AVERAGE, Column("hours")),
            Measure("on_time_replies", Aggregation.SUM, Column("on_time")),
            Measure("escalations", Aggregation.COUNT, Column("escalated")),
        ),
        agg_time_dimension="opened_at",
    )
    payouts = SemanticModel(
        "payouts",
        "fct_payouts",
        entities=(key("payout", EntityType.PRIMARY), key("ticket", EntityType.FOREIGN)),
        dimensions=(time("closed_at"), category("reason", values=("damage", "delay"))),
        measures=(Measure("payouts", Aggregation.SUM, Column("amount")), Measure("handling_cost", Aggregation.SUM, Column("cost"))),
        agg_time_dimension="closed_at",
    )
    flags = (
        ModelColumn("opt_in", DataType.BOOLEAN),
        ModelColumn("has_contract", DataType.BOOLEAN),
        ModelColumn("stars", DataType.INTEGER),
        ModelColumn("is_charity", DataType.BOOLEAN),
    )
    models = (
        Model("dim_accounts", "model.desk.dim_accounts", columns=flags),
        Model("dim_agents", "model.desk.dim_agents"),
        Model("fct_payouts", "model.desk.fct_payouts"),
        Model("fct_tickets", "model.desk.fct_tickets"),
    )
    metrics = (
        metric("escalations", "tickets", label="Escalations"),
        metric("handling_cost", "payouts", label="Handling cost", unit="EUR"),
        metric("hours_to_resolve", "tickets", label="Average hours to resolve", unit="hours"),
        metric("on_time_replies", "tickets", label="On-time replies"),
        metric("payouts", "payouts", label="Payouts", unit="EUR"),
        metric("signups", "accounts", label="Sign-ups", description="Accounts registered."),
        metric("tickets", "tickets", label="Tickets", description="Number of tickets logged by customers."),
    )
    return Ontology("desk", models=models, semantic_models=(accounts, agents, payouts, tickets), metrics=metrics)
