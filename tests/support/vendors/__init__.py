"""Vendors of language models on this machine: real HTTP servers that speak each one's wire form, refuse what it would refuse, and fail as servers do."""

from __future__ import annotations

from tests.support.vendors.anthropic import AnthropicForm
from tests.support.vendors.chat import AzureForm, CompatibleForm, OpenAIForm
from tests.support.vendors.google import GoogleForm
from tests.support.vendors.ollama import OllamaForm
from tests.support.vendors.server import Form

KEY = "sk-canary-5f1d7c0e9ab24468"
"""The key of every vendor here. It must turn up nowhere but in requests' headers."""
MODEL = "some-model"
FORMS: dict[str, type[Form]] = {
    "ollama": OllamaForm,
    "openai": OpenAIForm,
    "azure": AzureForm,
    "anthropic": AnthropicForm,
    "google": GoogleForm,
    "compatible": CompatibleForm,
}
