"""The page over a real gateway over the demo: what a visitor sees and does, without a browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.model.principal import Role
from app.service.users import NewUser, create_user, operator
from tests.gateway.conftest import Gateway, serving
from tests.support.demo import Demo

HOME = Path(__file__).resolve().parents[2] / "app" / "ui" / "home.py"
PASSWORD = "a password for tests"
SECONDS = 60


@dataclass
class Page:
    """A visitor's page."""

    at: AppTest

    def open(self) -> Page:
        self.at.run()
        return self

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        self.at.text_input(key="email").set_value(email)
        self.at.text_input(key="password").set_value(password)
        return self.click("Sign in")

    def ask(self, question: str) -> Page:
        self.at.text_input(key="question").set_value(question)
        return self.click("Ask")

    def click(self, label: str) -> Page:
        next(button for button in self.at.button if plain(button.label) == label).click()
        self.at.run()
        return self

    def pick(self, pill: str) -> Page:
        """Click the pill that says so."""
        group = next(group for group in self.at.button_group if pill in map(plain, group.options))
        group.set_value(pill)
        self.at.run()
        return self

    @property
    def pills(self) -> list[str]:
        return [plain(option) for group in self.at.button_group for option in group.options]

    @property
    def buttons(self) -> list[str]:
        """Those of the page itself; what leads to other conversations stands beside it."""
        return [plain(button.label) for button in self.at.main.button]

    @property
    def conversations(self) -> list[str]:
        """What the sidebar offers."""
        return [plain(button.label) for button in self.at.sidebar.button]

    @property
    def texts(self) -> list[str]:
        return [text.value for text in self.at.text]

    @property
    def codes(self) -> list[str]:
        return [code.value for code in self.at.code]

    @property
    def markup(self) -> list[str]:
        """Everything on the page that Streamlit reads as Markdown."""
        kinds = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success")
        found = [element.value for kind in kinds for element in self.at.get(kind)]
        return [*found, *(button.label for button in self.at.button), *(metric.label + metric.value for metric in self.at.metric)]

    @property
    def sent(self) -> str:
        """All that goes to the browser, as the protocol's messages."""
        return "\n".join(str(element.proto) for element in self.at.main if hasattr(element, "proto"))

    @property
    def headline(self) -> str:
        return plain(self.at.subheader[0].value)


def plain(markdown: str) -> str:
    """What a reader sees of escaped text."""
    return re.sub(r"\\(.)", r"\1", markdown)


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """`AppTest` leaves its script behind as the module `__main__`, which processes that later tests spawn would run again."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="module")
def gateway(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture
def page(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page of a new visitor."""
    monkeypatch.setenv("DATAMIND_GATEWAY_URL", gateway.url)
    return Page(AppTest.from_file(HOME, default_timeout=SECONDS)).open()


@pytest.fixture(scope="module")
def people(demo: Demo) -> dict[str, str]:
    """The address of somebody with each role; what row filters read is as the demo's people have it."""
    found = {}
    for role in Role:
        more: dict[str, Any] = {} if role is Role.ADMIN else {"attributes": (("region", "DACH"),)}
        found[role.value] = f"{role.value}.page@example.com"
        if demo.deps.people.users.by_email(found[role.value]) is None:
            create_user(demo.deps.people, operator(), NewUser(found[role.value], role, demo.settings.project_id, PASSWORD, **more))
    return found
