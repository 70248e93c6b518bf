"""Addresses by model and language: /hunt is the first model in English, /ru/hunt the same page in
Russian, /gpt2/ru/hunt that of another model. Draws nothing.

A page has relative links, which so stay with its model and language; what else it asks for below
its part of the address (the files and the events of Gradio) is the same for all.
"""

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.text.language import LANGUAGES, SOURCE, Language


def address(language: Language, path: str, place: str = "") -> str:
    """Where a page stands; path: where it does in English, empty for the first one; place: the part
    of the address that names the model, empty for the first one."""
    return "/".join(filter(None, (place, "" if language == SOURCE else language, path)))


def from_to(language: Language, here: str, there: str) -> str:
    """The first page of the model at `there`, as a link on any page of the one at `here`."""
    up = sum((bool(here), language != SOURCE))
    down = address(language, "", there)
    return ("../" * up + (f"{down}/" if down else "")) or "."


def of_house(language: Language, here: str, page: str) -> str:
    """A page that stands once for all models, as a link on any page of the model at `here`."""
    first = from_to(language, here, "")
    return page if first == "." else f"{first}{page}"


class Addresses:
    """Sends requests below /ru/ or /gpt2/ to the page of that address, or to what all share."""

    def __init__(self, app: ASGIApp, pages: Collection[str], places: Collection[str] = ()) -> None:
        """pages: addresses of the pages in other languages and of other models. places: the parts
        of addresses that name models."""
        self._app = app
        self._pages = pages
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # the server's own beginning and end have no address
            await self._app(scope, receive, send)
            return
        _, *parts = scope["path"].split("/")
        place = parts[:1] if parts[0] in self._places else []
        rest = parts[len(place) :]
        language = rest[:1] if rest and rest[0] in LANGUAGES and rest[0] != SOURCE else []
        rest = rest[len(language) :]
        said = language[0] if language else SOURCE
        scope["language"] = said  # for those before and behind it
        scope["place"] = place[0] if place else ""
        if scope["path"] == "/":
            scope["query_string"] = without_page(scope["query_string"])
        if not (place or language):
            await self._app(scope, receive, send)
        elif not rest:  # without a slash at its end, relative links would lead astray
            query = scope["query_string"].decode("latin-1")
            last = f"{parts[-1]}/"
            await RedirectResponse(f"{last}?{query}" if query else last)(scope, receive, send)
        else:
            path = "/".join(parts).rstrip("/")
            page = path in self._pages
            inner = f"/{path}" if page else "/" + "/".join(rest)
            moved = {**scope, "path": inner, "raw_path": inner.encode()}
            await self._app(moved, receive, in_language(send, said) if page else send)


def without_page(query: bytes) -> bytes:
    """Gradio takes a `page` that is asked for at its root for one of its own, and fails where it
    has none of that name."""
    told = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if not any(name == "page" for name, _ in told):
        return query
    return urlencode([(name, value) for name, value in told if name != "page"]).encode()


def in_language(send: Send, language: str) -> Send:
    """Gradio's page says that it is English, before any script could say otherwise."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.body":
            said = f'lang="{language}"'.encode()
            message = {**message, "body": message["body"].replace(b'lang="en"', said, 1)}
        await send(message)

    return sent
