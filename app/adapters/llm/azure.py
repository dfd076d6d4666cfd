"""Azure OpenAI: OpenAI's form under the resource's own address, with the deployment in place of the model and the key in `api-key`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import msgspec

from app.adapters.llm.openai import OpenAI
from app.adapters.llm.vendor import Access, Request
from app.model.prompt import Message


class Azure(OpenAI):
    """The resource at `https://NAME.openai.azure.com`: its interface v1, or with `?api-version=…` the one of that version, which names the deployment in the
    path."""

    provider: ClassVar[str] = "azure"

    def __init__(self, access: Access) -> None:
        parts = urlsplit(access.url)
        bare = urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")).rstrip("/").removesuffix("/openai/v1")
        super().__init__(msgspec.structs.replace(access, url=bare))
        self._version = parse_qs(parts.query).get("api-version", [""])[0]

    @property
    def probe(self) -> str:  # type: ignore[override] # OpenAI's is one for all
        """The models that the resource has."""
        return f"/openai/models?api-version={quote(self._version)}" if self._version else "/openai/v1/models"

    def headers(self) -> Mapping[str, str]:
        """The key in Azure's own header."""
        return {"api-key": self.access.key}

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /openai/v1/chat/completions`, or that of the deployment."""
        body = self._body(messages, schema)
        if not self._version:
            return Request("/openai/v1/chat/completions", {"model": self.access.model, **body})
        deployment = quote(self.access.model, safe="")
        return Request(f"/openai/deployments/{deployment}/chat/completions?api-version={quote(self._version)}", body)
