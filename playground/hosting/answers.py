"""What goes with every answer: headers for the browser, a nonce for the page's own scripts, what a
shared link shows of the page, and a note of how it went. Knows no player and keeps no text.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.hosting import policy
from playground.hosting.metrics import Answered

NONCE_BYTES = 16
# Gradio says of every app that it is Gradio's, with a picture from elsewhere, and looks for what
# makes it one to install, which it is not, at the root of the host.
PREVIEW = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>')
HEAD_ENDS = b"</head>"
SCRIPT = re.compile(rb"<script(?=[\s>])")
# Files whose names change with what is in them.
FINAL = re.compile(r"/(assets|static|svelte)/.+-[A-Za-z0-9_-]{8,}\.(js|css|woff2)")
YEAR = 365 * 24 * 3600  # seconds


class Answers:
    """Middleware, before all others. `scope["language"]` and `scope["place"]` are what those
    behind it found."""

    def __init__(
        self,
        app: ASGIApp,
        frames: Sequence[str],
        scripts: Sequence[str],
        head: Callable[[Scope], str],
        note: Callable[[Answered], None],
    ) -> None:
        """frames: whose pages may show the game in a frame. scripts: that stand in a page or that
        Gradio puts into it. head: what is put into the head of a page that was asked for, as HTML:
        what a shared link shows of it, and the first of our scripts. note: hears of every
        answer."""
        self._app = app
        self._frames = frames
        self._scripts = [policy.digest(each) for each in scripts]
        self._head = head
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, nonce = perf_counter(), 500, secrets.token_urlsafe(NONCE_BYTES)
        page: Message | None = None  # the beginning of a page whose text is still to come
        parts = list[bytes]()

        async def sent(message: Message) -> None:
            nonlocal status, page
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                self._dress(headers, scope["path"], nonce)
                if headers.get("content-type", "").startswith("text/html"):
                    page = message
                    return
            elif page is not None:
                parts.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = self._page(b"".join(parts), nonce, self._head(scope))
                MutableHeaders(scope=page)["content-length"] = str(len(body))
                await send(page)
                page, message = None, {**message, "body": body}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            took = perf_counter() - began
            self._note(Answered(scope["method"], scope["path"], status, took))

    def _dress(self, headers: MutableHeaders, path: str, nonce: str) -> None:
        headers.update(policy.FIXED)
        headers["content-security-policy"] = policy.content(nonce, self._frames, self._scripts)
        if FINAL.fullmatch(path):
            headers["cache-control"] = f"public, max-age={YEAR}, immutable"
        elif "cache-control" not in headers:
            headers["cache-control"] = "no-cache"

    def _page(self, body: bytes, nonce: str, into_head: str) -> bytes:
        body = SCRIPT.sub(rb"\g<0> nonce=" + nonce.encode(), body)
        return PREVIEW.sub(b"", body).replace(HEAD_ENDS, into_head.encode() + HEAD_ENDS, 1)
