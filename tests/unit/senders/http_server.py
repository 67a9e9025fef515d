"""A real web server on loopback that fails on command; what it takes over is kept."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs

from nurture.testing.sender_contract import Fault

PATIENCE = 30.0


@attrs.frozen
class Asked:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@attrs.frozen
class Said:
    """What is answered, instead of taking the message over."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b"{}"


class Endpoint:
    """Answers each POST with `taken`, unless `plan` has a fault or another answer for it.

    A closed port is what breaks before anything was said, so `closed_port` is for `Fault.BREAK_BEFORE`.
    """

    def __init__(self, taken: Said, refused: Said, deferred: Said) -> None:
        self.answers = {Fault.REJECT: refused, Fault.DEFER: deferred}
        self.taken = taken
        self.plan: deque[Fault | Said] = deque()
        self.asked: list[Asked] = []
        self._stop = threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                endpoint.answer(self, Asked(self.path, dict(self.headers), body))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        fault = self.plan.popleft() if self.plan else None
        if fault is Fault.HANG:
            self._stop.wait(PATIENCE)
            return
        said = fault if isinstance(fault, Said) else self.answers.get(fault, self.taken)  # type: ignore[arg-type]
        if said is self.taken:
            self.asked.append(asked)
        if fault is Fault.LOSE_ANSWER:
            cut(handler.connection)
            handler.close_connection = True
            return
        handler.send_response(said.status)
        for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(said.body)

    def stop(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)


def cut(connection: socket.socket) -> None:
    """Reset it: the other side sees neither an answer nor an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port
