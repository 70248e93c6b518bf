"""Stands in for Hugging Face where players sign in: it asks nobody, and says that it is whoever a
test wants. What does not fit the way that was begun it refuses as the true one does."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ID, SECRET = "the-game", "a secret of the game"


class OAuthServer:
    """account: who is at the browser, as userinfo tells it; None: who refuses. broken: what the
    token's way answers instead of a token, if anything."""

    def __init__(self) -> None:
        self.account: Mapping[str, Any] | None = None
        self.broken: tuple[int, bytes] | None = None
        self.asked = list[Mapping[str, str]]()  # of each way that was begun
        self.tokens = set[str]()
        self._codes = dict[str, Mapping[str, str]]()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                if where.path == "/oauth/authorize":
                    self.send_response(303)
                    self.send_header("Location", owner.authorised(flat(where.query)))
                    self.end_headers()
                    return
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                known = where.path == "/oauth/userinfo" and token in owner.tokens
                self.tell(*((200, owner.account) if known else (401, {})))

            def do_POST(self) -> None:
                form = flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if owner.broken is not None:
                    self.tell(*owner.broken)
                else:
                    self.tell(*owner.token(form, self.headers.get("Authorization", "")))

            def tell(self, status: int, told: object) -> None:
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def authorised(self, asked: Mapping[str, str]) -> str:
        """Where the browser goes next."""
        self.asked.append(asked)
        told = {"error": "access_denied"}
        if self.account is not None:
            told = {"code": secrets.token_urlsafe(8)}
            self._codes[told["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode({**told, 'state': asked['state']})}"

    def token(self, form: Mapping[str, str], keys: str) -> tuple[int, Mapping[str, Any]]:
        begun = self._codes.pop(form["code"], None)
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        right = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()
        if (
            begun is None
            or keys != f"Basic {right}"
            or form["redirect_uri"] != begun["redirect_uri"]
            or base64.urlsafe_b64encode(proof).decode().rstrip("=") != begun["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        self.tokens.add(token := secrets.token_urlsafe(16))
        return 200, {"access_token": token, "token_type": "bearer", "scope": begun["scope"]}


def flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running() -> Iterator[OAuthServer]:
    made = OAuthServer()
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()
