"""Who is contacted: the service itself, what a person stated, nobody inside a private network."""

from __future__ import annotations

import inspect
import ssl

import pytest

from darkdays.archive.client import http, redirects
from darkdays.archive.client.client import fetch_all
from darkdays.archive.client.faults import Fault
from darkdays.archive.client.http import Line
from darkdays.archive.client.retry import Limits
from darkdays.archive.request import Request, Service
from darkdays.archive.store import Store
from every_source import SOURCES
from services import Server, jsonic, redirect, whole

ASKED = Request("tor", "/a", (), "a")


@pytest.fixture
def server():
    with Server() as one:
        yield one


@pytest.fixture
def resolver(monkeypatch):
    """A resolver that somebody else answers for."""
    import socket

    answers = {}
    asked = socket.getaddrinfo

    def resolve(host, *rest, **more):
        name = host.decode() if isinstance(host, bytes) else host
        return asked(answers.get(name, name), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.fixture
def line(server):
    """Lines to this service, under its own name or another, closed in the end."""
    made = []

    def line(name="127.0.0.1", *rest, **more):
        made.append(Line(f"http://{name}:{server.base.rpartition(':')[2]}", *rest, **more))
        return made[-1]

    yield line
    for one in made:
        one.close()


@pytest.mark.parametrize("path", ["/a", "/deep/er"])
def test_a_name_that_comes_to_lie_inside_a_private_network_is_not_spoken_to(
    server, line, resolver, path
):
    server.on(path, whole(b"x"))
    resolver["service.example"] = "127.0.0.1"
    asking = line("service.example", is_stated=False)
    with pytest.raises(Fault, match="leads into a private network") as fault:
        asking.ask(asking.origin.geturl() + path, largest=100)
    assert fault.value.of_service
    assert server.asked == []


def test_an_address_a_person_stated_may_be_private(server, line, resolver):
    server.on("/a", whole(b"x"))
    resolver["mirror.example"] = "127.0.0.1"
    asking = line("mirror.example", is_stated=True)
    assert asking.ask(asking.origin.geturl() + "/a", largest=100).body == b"x"


def test_a_fetch_tells_it_in_one_sentence_and_asks_nothing(server, resolver, tmp_path):
    resolver["service.example"] = "127.0.0.1"
    port = server.base.rpartition(":")[2]
    service = Service("tor", f"http://service.example:{port}", "CC0", True, "tor")
    found = fetch_all(
        {"tor": service}, lambda _: [ASKED], Store(tmp_path), case="x",
        limits=Limits(tries=1), sleep=lambda _: None,
    )  # fmt: skip
    (failure,) = found.failures
    assert "private network" in failure
    assert "--base-url" in failure
    assert server.asked == []
    # The same place, stated, is asked.
    server.on("/a", whole(b"x"))
    found = fetch_all(
        {"tor": service}, lambda _: [ASKED], Store(tmp_path), case="x",
        base_urls={"tor": server.base},
    )  # fmt: skip
    assert found.failures == []
    assert found.snapshot.manifest.hosts == (f"127.0.0.1:{port}",)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/",
        "http://localhost:1/", "//192.168.0.1/x", "http://0.0.0.0/", "file:///etc/passwd",
        "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "javascript:alert(1)", "data:text/csv,a",
        "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://evil.example@127.0.0.1/",
        "http://127.0.0.1.nip.io/", "https://metrics.torproject.org.evil.example/",
        "http://127.0.0.1:{port}@evil.example/", "\\\\evil.example\\x", "http:\\\\evil.example\\x",
        "http://evil.example#@127.0.0.1:{port}/", "HTTP://EVIL.EXAMPLE/", "http://evil。example/",
    ],
)  # fmt: skip
def test_redirects_that_lead_away_are_refused(server, line, location):
    port = server.base.rpartition(":")[2]
    server.on("/a", redirect(location.replace("{port}", port).encode().decode("latin-1")))
    asking = line()
    with pytest.raises(Fault):
        asking.ask(f"{server.base}/a", largest=100)
    # What is no address of another host is a path of this one.
    assert set(asking.contacted) == {f"127.0.0.1:{port}"}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "224.0.0.1", "255.255.255.255", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "", "x",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_public(address):
    assert not redirects.is_public(address)


def test_certificates_are_verified():
    """A server without a certificate anybody vouches for is told, and sent nothing."""
    asking = Line("https://127.0.0.1:1")
    context = asking._client._transport._pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert "verify" not in inspect.getsource(http).replace("verified", "")
    asking.close()


def test_every_service_is_asked_over_https_but_one():
    plain = {one.SERVICE.base_url for one in SOURCES.values()
             if one.SERVICE.base_url.startswith("http:")}  # fmt: skip
    assert {url.split("/")[2] for url in plain} == {"data.gdeltproject.org"}


def test_links_in_replies_lead_nowhere_else(server, tmp_path):
    """What a reply says is to be asked next is asked of the same host, or not at all."""
    server.on("/a", jsonic({"next": "http://evil.example/b"}))
    service = Service("tor", "https://unused.example", "CC0", True, "tor")

    def plan(replies):
        wanted = [ASKED]
        if ASKED.key in replies:
            wanted.append(Request("tor", "//evil.example/b", (), "b"))
            wanted.append(Request("tor", "/../../b@evil.example", (), "c"))
        return wanted

    server.on("//evil.example/b", whole(b"b"))
    found = fetch_all(
        {"tor": service}, plan, Store(tmp_path), case="x", base_urls={"tor": server.base},
        limits=Limits(tries=1), sleep=lambda _: None,
    )  # fmt: skip
    assert set(found.snapshot.manifest.hosts) == {server.base.removeprefix("http://")}


def test_a_drip_ends_in_time(server, line):
    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            if handler.server.owner.closing.wait(0.05):
                return

    server.on("/a", drip)
    asking = line("127.0.0.1", Limits(total=1.0))
    with pytest.raises(Fault, match="did not finish within"):
        asking.ask(f"{server.base}/a", largest=2000)
