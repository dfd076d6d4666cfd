"""The Protocols that adapters fill, a file a subject. Code asks a port for a capability, never for its name."""

from __future__ import annotations

from app.ports.audit import AuditSink, AuditTrail, Checkpoints
from app.ports.cancel import Cancel
from app.ports.charts import Charts
from app.ports.clock import Bus, Clock
from app.ports.conversations import Choices, Conversations, SharedAnswers
from app.ports.corrections import Corrections
from app.ports.dbt import DbtOutcome, DbtRuns, DbtTarget, QualityStore
from app.ports.engines import Capabilities, Engine, Excess, Health
from app.ports.jobs import Jobs, Locks, Queue
from app.ports.language_models import LanguageModel, ModelUnavailable
from app.ports.layers import Candidates, Kept, Layers
from app.ports.model_gates import ModelGates
from app.ports.people import Passwords, RefreshTokens, Tokens, Users
from app.ports.policies import Policies, PolicyFilter
from app.ports.training import Akin, Embedder, Retriever, Shown, Space, Training, Vector, VectorStore
from app.ports.turns import Feedback, Queries

__all__ = [
    "Akin",
    "AuditSink",
    "AuditTrail",
    "Bus",
    "Cancel",
    "Candidates",
    "Capabilities",
    "Charts",
    "Checkpoints",
    "Choices",
    "Clock",
    "Conversations",
    "Corrections",
    "DbtOutcome",
    "DbtRuns",
    "DbtTarget",
    "Embedder",
    "Engine",
    "Excess",
    "Feedback",
    "Health",
    "Jobs",
    "Kept",
    "LanguageModel",
    "Layers",
    "Locks",
    "ModelGates",
    "ModelUnavailable",
    "Passwords",
    "Policies",
    "PolicyFilter",
    "QualityStore",
    "Queries",
    "Queue",
    "RefreshTokens",
    "Retriever",
    "SharedAnswers",
    "Shown",
    "Space",
    "Tokens",
    "Training",
    "Users",
    "Vector",
    "VectorStore",
]
