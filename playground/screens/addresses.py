"""Addresses by language: /hunt is English, /ru/hunt the same page in Russian. Draws nothing.

A page of another language has relative links, which so stay in its language; what else it asks for
below its part of the address (the files and the events of Gradio) is the same for all.
"""

from collections.abc import Collection

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.language import LANGUAGES, SOURCE, Language


def address(language: Language, path: str) -> str:
    """Where a page stands; path: where it does in English, empty for the first one."""
    return path if language == SOURCE else f"{language}/{path}".rstrip("/")


class Addresses:
    """Sends requests below /ru/ to the page of that address, or to what all languages share."""

    def __init__(self, app: ASGIApp, pages: Collection[str]) -> None:
        """pages: addresses of the pages in other languages."""
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, first, *rest = [*str(scope.get("path", "")).split("/"), ""]
        if scope["type"] != "http" or first not in LANGUAGES or first == SOURCE:
            await self._app(scope, receive, send)
        elif rest == [""]:  # without a slash at its end, relative links would lead astray
            query = scope["query_string"].decode("latin-1")
            away = RedirectResponse(f"{first}/?{query}" if query else f"{first}/")
            await away(scope, receive, send)
        else:
            path = "/".join([first, *rest]).rstrip("/")
            page = path in self._pages
            inner = f"/{path}" if page else "/" + "/".join(rest[:-1])
            moved = {**scope, "path": inner, "raw_path": inner.encode()}
            await self._app(moved, receive, in_language(send, first) if page else send)


def in_language(send: Send, language: str) -> Send:
    """Gradio's page says that it is English, before any script could say otherwise."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            said = f'lang="{language}"'.encode()
            message = {**message, "body": message["body"].replace(b'lang="en"', said, 1)}
        await send(message)

    return sent
