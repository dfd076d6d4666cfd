"""What holds of HTTP whoever the vendor is: verified TLS, proxies, and the ways that only compatible servers and Azure have."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.adapters.llm.azure import Azure
from app.adapters.llm.compatible import Compatible
from app.adapters.llm.drafter import Drafter
from app.adapters.llm.http import Bounds, Http
from app.adapters.llm.ollama import Ollama
from app.adapters.llm.speaker import HttpSpeaker
from app.adapters.llm.vendor import Access
from app.model.prompt import Message
from app.ports.language_models import ModelUnavailable
from app.settings import load_settings
from app.wiring.clock import SystemClock
from app.wiring.models import llm_secrets, model_of
from tests.support.vendors import FORMS, KEY, MODEL
from tests.support.vendors import server as vendors
from tests.support.vendors.server import FakeVendor, Handler

PROMPT = [Message("system", "You draft."), Message("user", "revenue"), Message("system", "Keep to names.")]
SCHEMA = {"type": "object", "properties": {"metrics": {"type": "array"}}}


@pytest.fixture
def compatible() -> Iterator[FakeVendor]:
    with vendors.serving(FORMS["compatible"](KEY, MODEL)) as found:
        yield found


def asking(vendor: FakeVendor, **bounds: Any) -> Drafter:
    return Drafter(HttpSpeaker(Compatible(Access(MODEL, vendor.url, KEY)), Bounds(5.0, **bounds)))


def code_of(model: Any) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        model.complete(PROMPT, SCHEMA)
    return raised.value.problem.code


def test_a_server_without_structured_outputs_is_asked_in_words(compatible: FakeVendor) -> None:
    compatible.form.structured = False
    compatible.says = 'Sure! Here it is:\n```json\n{"metrics": ["revenue"]}\n```'
    model = asking(compatible)
    for _ in range(2):
        assert json.loads(model.complete(PROMPT, SCHEMA).text) == {"metrics": ["revenue"]}
    assert ["response_format" in one.body for one in compatible.posts] == [True, False, False], "what helped once is remembered"
    system, user = compatible.posts[-1].body["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("You draft.\n\nKeep to names.\n\nAnswer with one JSON document")
    assert json.loads(system["content"].rpartition("\n")[2]) == SCHEMA
    assert user == {"role": "user", "content": "revenue"}


def test_one_that_refuses_either_is_not_remembered_as_lacking(compatible: FakeVendor) -> None:
    model = asking(compatible)
    compatible.form.model = "another"
    assert code_of(model) == "DM8091"
    compatible.form.model = MODEL
    model.complete(PROMPT, SCHEMA)
    assert ["response_format" in one.body for one in compatible.posts] == [True, False, True]


def test_azure_speaks_the_version_that_the_address_names() -> None:
    plain = Azure(Access("my dep", "https://x.openai.azure.com/", KEY))
    assert plain.request(PROMPT, SCHEMA).path == "/openai/v1/chat/completions"
    assert plain.request(PROMPT, SCHEMA).body["model"] == "my dep"
    assert Azure(Access("d", "https://x.openai.azure.com/openai/v1/", KEY)).access.url == "https://x.openai.azure.com"
    dated = Azure(Access("my dep", "https://x.openai.azure.com?api-version=2024-10-21", KEY))
    assert dated.access.url == "https://x.openai.azure.com"
    assert dated.request(PROMPT, SCHEMA).path == "/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21"
    assert "model" not in dated.request(PROMPT, SCHEMA).body


@pytest.mark.parametrize(("size", "context"), [(10, 4_096), (12_000, 8_192), (60_000, 24_576)])
def test_ollama_is_given_room_for_the_prompt(size: int, context: int) -> None:
    """Else it cuts the prompt without a word."""
    asked = Ollama(Access(MODEL, "http://x", max_tokens=2_048)).request([Message("user", "x" * size)], SCHEMA)
    assert asked.body["options"]["num_ctx"] == context


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate of 127.0.0.1 that nobody vouches for."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(1))
        .not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    of_key, of_certificate = folder / "key.pem", folder / "cert.pem"
    of_key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    of_certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return of_key, of_certificate


def test_tls_is_verified(tmp_path: Path) -> None:
    key, cert = certificate(tmp_path)
    vendor = FakeVendor(FORMS["compatible"](KEY, MODEL))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfVendor", (Handler,), {"vendor": vendor}))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    vendor.url = f"https://127.0.0.1:{server.server_port}/v1"
    try:
        with pytest.raises(ModelUnavailable) as raised:
            asking(vendor).complete(PROMPT, SCHEMA)
        assert raised.value.problem.code == "DM8090"
        assert vendor.log == []
        assert asking(vendor, ca_file=cert).complete(PROMPT, SCHEMA).text
    finally:
        server.shutdown()
        server.server_close()


def test_the_settings_proxy_is_used(compatible: FakeVendor) -> None:
    seen: list[tuple[str, str]] = []

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Proxy-Authorization"] or ""))
            body = json.dumps(compatible.form.answer("{}", 1, 1)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        assert asking(compatible, proxy=f"http://me:pw@127.0.0.1:{server.server_port}").complete(PROMPT, SCHEMA).text == "{}"
    finally:
        server.shutdown()
        server.server_close()
    assert seen == [(f"{compatible.url}/chat/completions", "Basic bWU6cHc=")]
    assert compatible.log == []


def test_a_probe_says_how_long_it_waited() -> None:
    """And not how long a draft may take."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        http = Http("compatible", f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", {}, Bounds(5.0))
        assert http.probe("/models", 0.25).endswith("had not answered within 0.25 seconds")


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://x", "http://[", "socks5://127.0.0.1:1"])
def test_a_proxy_that_is_none_is_told(compatible: FakeVendor, proxy: str) -> None:
    assert code_of(asking(compatible, proxy=proxy)) in ("DM8097", "DM8090")
    assert compatible.log == []


def test_secrets_are_known_to_who_masks_them() -> None:
    settings = load_settings(
        llm_provider="compatible",
        llm_model="m",
        llm_url="https://me:pw-of-url@x/v1",
        llm_key=KEY,
        llm_proxy="http://me:pw-of-proxy@p",
        llm_fallbacks=[{"provider": "openai", "model": "m", "key": "sk-other"}],
    )
    assert sorted(llm_secrets(settings)) == sorted([KEY, "pw-of-url", "pw-of-proxy", "sk-other"])
    assert not [secret for secret in llm_secrets(settings) if secret in repr(settings)]
    model = model_of(settings, None, SystemClock())
    assert model is not None
    assert [one.provider for one in model.each()] == ["compatible", "openai"]


def test_without_a_provider_there_is_no_model() -> None:
    assert model_of(load_settings(llm_provider="none"), None, SystemClock()) is None
