"""A service on the loopback that replays bodies and misbehaves on demand.

Each path has a script of answers, used one a request; the last one stays. What was asked is in
`Server.asked`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# How a fault of a service can end; test reports count them.
SURVIVED = "survived with a complete snapshot"
TOLD = "told in one clear sentence, all else kept"

PAGE = b"\n<!DOCTYPE html>\n<html><title>Bad gateway</title><p>Please try again.</p></html>"


class Server:
    """Use it as a context manager; `base` is its address."""

    def __init__(self):
        self.scripts = {}
        self.asked = []
        self.at_once = self.most_at_once = 0
        self.pause = 0.0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.base = f"http://127.0.0.1:{self._http.server_port}"

    def on(self, path, *answers):
        """Answer requests to a path, whatever their query, with these in turn."""
        self.scripts[path] = list(answers)
        return self

    def count(self, path):
        """How often a path was asked."""
        return sum(urlsplit(one["path"]).path == path for one in self.asked)

    def __enter__(self):
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request, address):
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer(b"")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body):
        owner = self.server.owner
        path = urlsplit(self.path).path
        with owner.lock:
            owner.asked.append(
                {
                    "method": self.command,
                    "path": self.path,
                    "query": parse_qs(urlsplit(self.path).query),
                    "headers": dict(self.headers.items()),
                    "body": body,
                    "time": time.monotonic(),
                }
            )
            owner.at_once += 1
            owner.most_at_once = max(owner.most_at_once, owner.at_once)
            script = owner.scripts.get(path, [status(404)])
            answer = script.pop(0) if len(script) > 1 else script[0]
        if owner.pause:
            time.sleep(owner.pause)
        with owner.lock:
            owner.at_once -= 1
        with contextlib.suppress(OSError):
            answer(self)

    def log_message(self, *_):
        """Say nothing."""

    def send(self, code, body, headers=()):
        """Send a whole reply of the stated length."""
        headers = {"Content-Length": str(len(body)), **dict(headers)}
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        """End the connection after this reply."""
        self.close_connection = True


def whole(body, kind="text/csv", **headers):
    """A reply as it should be."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(200, body, {"Content-Type": kind, **named})


def jsonic(document):
    """A reply in JSON."""
    return whole(json.dumps(document).encode(), "application/json")


def zipped(body):
    """A reply with transport compression."""
    content = gzip.compress(body, mtime=0)
    return lambda handler: handler.send(200, content, {"Content-Encoding": "gzip"})


def status(code, body=b"no", **headers):
    """A reply with another status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(code, body, named)


def redirect(location, code=302):
    """A redirect."""
    return lambda handler: handler.send(code, b"", {"Location": location})


def echo(handler):
    """A reply that repeats the request's Authorization header."""
    handler.send(200, b"you sent " + handler.headers.get("Authorization", "").encode())


def stalled(body):
    """Half a body, then silence."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.server.owner.closing.wait(20)
        handler.hang_up()

    return answer


def silent(handler):
    """Nothing at all, not even a status line."""
    handler.server.owner.closing.wait(20)
    handler.hang_up()


def drip(body, pause=0.05):
    """A byte now and then, never silent for long."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        _drop_by_drop(handler, body, pause)

    return answer


def drip_of_headers(handler):
    """Headers without an end, a byte now and then."""
    _drop_by_drop(handler, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 10_000, 0.05)


def _drop_by_drop(handler, content, pause):
    for place in range(len(content)):
        handler.wfile.write(content[place : place + 1])
        if handler.server.owner.closing.wait(pause):
            break
    handler.hang_up()


def half_zipped(body):
    """Transport compression that ends early, the length as sent."""
    content = gzip.compress(body, mtime=0)
    content = content[: len(content) // 2]
    return lambda handler: handler.send(200, content, {"Content-Encoding": "gzip"})


def badly_zipped(body):
    """Transport compression with a wrong checksum."""
    content = bytearray(gzip.compress(body, mtime=0))
    content[-8] ^= 1
    return lambda handler: handler.send(200, bytes(content), {"Content-Encoding": "gzip"})


def oddly_packed(body):
    """A compression that was not asked for."""
    return lambda handler: handler.send(200, body, {"Content-Encoding": "br"})


def too_short(body):
    """Fewer bytes than the stated length, then the end of the connection."""

    def answer(handler):
        handler.send(200, body, {"Content-Length": str(len(body) + 10)})
        handler.hang_up()

    return answer


def too_long(body):
    """More bytes than the stated length: what the client reads is cut short."""

    def answer(handler):
        named = {"Content-Length": str(len(body) - 3), "Content-Type": "application/json"}
        handler.send(200, body, named)
        handler.hang_up()

    return answer


def half_chunked(body):
    """A chunk that ends early."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n" % len(body) + body[: len(body) // 2])
        handler.hang_up()

    return answer


def page(handler):
    """A web page that says it is fine."""
    handler.send(200, PAGE, {"Content-Type": "application/json"})


def empty(handler):
    """Nothing, and status 200."""
    handler.send(200, b"")


def garbage(handler):
    """No HTTP."""
    handler.wfile.write(b"\x00\x01 what is a status line?\r\n\r\n")
    handler.hang_up()


def closed(handler):
    """An end of the connection instead of a reply."""
    handler.hang_up()


def reset(handler):
    """A broken connection in the middle of a body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x" * 10)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.hang_up()


def bomb(size):
    """Compressed zeros, ``size`` bytes of them, as fast as they are taken."""
    member = gzip.compress(bytes(2**24), mtime=0)

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(size // 2**24):
            handler.wfile.write(member)
        handler.hang_up()

    return answer
