"""Files that are made for one person and fetched once or twice: written while they are sent, kept
nowhere. Knows nothing of what is in them."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Literal
from urllib.parse import quote

from cachetools import LRUCache
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "download"
WAITING = 500  # files that nobody has fetched yet
LASTS = 600  # seconds
TOKEN_BYTES = 16
PIECE = 64 * 1024  # characters that are sent at once
Sort = Literal["text/csv", "application/json", "application/toml"]


@dataclass(frozen=True)
class Download:
    """make: what is in it, piece by piece, begun anew whenever it is fetched."""

    name: str
    sort: Sort
    make: Callable[[], Iterable[str]]


_ready: LRUCache[str, tuple[float, Download]] = LRUCache(WAITING)  # with the time it was made
_lock = Lock()


def offer(download: Download) -> str:
    """Its address, relative to any page of the house; nobody finds it by trying."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with _lock:
        _ready[token] = time.monotonic(), download
    return f"{PATH}/{token}"


class Downloads:
    """Answers what is asked below /download/."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, found, token = str(scope.get("path", "")).rpartition(f"/{PATH}/")
        if scope["type"] != "http" or not found or "/" in token:
            await self._app(scope, receive, send)
            return
        with _lock:
            made, download = _ready.get(token, (0.0, None))
        fresh = time.monotonic() - made < LASTS
        await answer(download if fresh else None)(scope, receive, send)


def answer(download: Download | None) -> Response:
    if download is None:
        return PlainTextResponse("This file is not here any more: ask for it again.", 404)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.name)}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(
        gathered(download.make()), media_type=f"{download.sort}; charset=utf-8", headers=headers
    )


def gathered(pieces: Iterable[str]) -> Iterator[bytes]:
    """Fewer and larger: each goes through a thread of the server's."""
    waiting, size = list[str](), 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
