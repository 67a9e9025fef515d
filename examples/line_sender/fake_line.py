"""As much of LINE's Messaging API as a test needs, on loopback: retry keys, blocked users, the quota, bad user ids."""

from __future__ import annotations

import json
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 60.0


class FakeLine:
    """Runs until `stop`.

    Attributes:
        token: The one access token that it takes.
        quota: How many messages may still be pushed.
        blocked: Users who have blocked the account.
        taken: Retry key, user and text of what was accepted.
        faults: What happens to the next requests: a status, `lose_answer`, `hang`, or an answer that comes byte by byte
            (`drip`) or cannot be read (`deep`).
    """

    def __init__(self, quota: int = 1_000) -> None:
        self.token = uuid.uuid4().hex
        self.quota = quota
        self.blocked: set[str] = set()
        self.taken: list[tuple[str, str, str]] = []
        self.faults: list[int | str] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        line = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                line.answer(self, body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def seen(self, user: str) -> list[str]:
        """What a user reads: nothing of what was sent while they blocked the account."""
        return [text for _, to, text in self.taken if to == user and to not in self.blocked]

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Take one request."""
        fault = self.faults.pop(0) if self.faults else None
        if fault == "hang":
            self._stop.wait(PATIENCE)
            return
        status, page = (fault, {"message": "fault"}) if isinstance(fault, int) else self._push(handler, body)
        if fault == "lose_answer":
            return
        data = b"[" * 60_000 if fault == "deep" else json.dumps(page).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data) + 1_000 * (fault == "drip")))
        handler.end_headers()
        while fault == "drip" and not self._stop.wait(0.05):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return
        handler.wfile.write(data)

    def stop(self) -> None:
        """Stop answering."""
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)

    def _push(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, object]]:
        if handler.path != "/v2/bot/message/push":
            return 404, {"message": "Not found"}
        if handler.headers["Authorization"] != f"Bearer {self.token}":
            return 401, {"message": "Authentication failed"}
        try:
            key = str(uuid.UUID(handler.headers["X-Line-Retry-Key"]))
        except ValueError:
            return 400, {"message": "The retry key is invalid"}
        page = json.loads(body)
        if not re.fullmatch(r"U[0-9a-f]{32}", page["to"]):
            return 400, {"message": "The property, 'to', in the request body is invalid"}
        with self._lock:
            for number, (known, _, _) in enumerate(self.taken):
                if known == key:
                    return 409, {"message": "The retry key is already accepted", "sentMessages": [{"id": str(number)}]}
            if self.quota < 1:
                return 429, {"message": "You have reached your monthly limit."}
            self.quota -= 1
            self.taken.append((key, page["to"], page["messages"][0]["text"]))
            return 200, {"sentMessages": [{"id": str(len(self.taken) - 1)}]}
