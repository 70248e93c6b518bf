"""What the web may ask of the game, before Gradio hears of it: which routes, from which pages, how
much and how often. Draws nothing and knows no player.

Gradio serves far more than the pages ask for: uploads, a second way to every handler, monitoring.
Here stands what they do ask for; all else does not exist.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.hosting.rates import Rates

API = "/gradio_api/"
JOIN, DIRECT = f"{API}queue/join", f"{API}run/predict"  # how handlers are called, queued and not
# What the pages ask for below API, by method.
ASKED = {
    "POST": re.compile(rf"{API}(queue/join|run/predict|cancel)"),
    "GET": re.compile(rf"{API}(queue/data|startup-events|info|heartbeat/[A-Za-z0-9]{{1,64}})"),
}
# Of Gradio too, and of no use to a game without files and passwords.
SHUT = re.compile(r"/(login|logout|monitoring|config/|dev|proxy=|file)(/|\b).*")
READS = ("GET", "HEAD")
# Of things that do not change, and so cost nobody anything: they are not counted.
FILES = re.compile(r"/(assets|static|svelte)/.*|/favicon\.ico|.*/theme\.css|/robots\.txt")
MAX_BODY = 2 * 2**20  # bytes; a page sends texts of a few thousand characters, a teacher a list
LARGEST = 2**63
UNFIT = "These are no values that a page would send."
OURS = " "  # the title, which nobody sees, of an error that is no fault of the caller
# By these a client could say under which address it reached the game, and the page would take its
# files from there.
FORGED = (b"x-forwarded-host", b"x-gradio-server", b"x-direct-url")
FOREIGN = (
    "This request comes from a page of {origin}, and the game was reached as {host}. If both are "
    "yours: have your proxy pass the Host header on, or set PLAYGROUND_ROOT_PATH to the whole "
    "address of the game."
)


def countable(value: JsonValue) -> JsonValue:
    """Refuses numbers that could not be sent back: JSON has no bounds, those who write it do."""
    if isinstance(value, int) and abs(value) >= LARGEST:
        raise ValueError("a number is too large")
    if isinstance(value, list):
        for each in value:
            countable(each)
    elif isinstance(value, dict):
        for each in value.values():
            countable(each)
    return value


Sent = Annotated[JsonValue, AfterValidator(countable)]


class Incoming(BaseModel):
    """What a page sends to have a handler called; whatever else stands there is dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    data: Annotated[list[Sent], Field(max_length=64)]
    fn_index: int
    session_hash: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]
    event_data: Sent = None
    trigger_id: int | None = None


@dataclass(frozen=True)
class Handler:
    """inputs: how many values it takes. queued: whether it waits in line."""

    inputs: int
    queued: bool


@dataclass(frozen=True)
class Admission:
    """Who stands at the gate: handlers by their number; hosts: by which the game is known besides
    the one that was asked for; rates: of addresses; slow: says that it was too often, given the
    language and the seconds to wait; opened: paths that Gradio would answer, and that the game
    answers itself."""

    handlers: Mapping[int, Handler]
    rates: Rates
    slow: Callable[[str, int], str]
    hosts: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()


class Gate:
    """Middleware, behind the one that knows languages (`scope["language"]`)."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # the game opens no sockets
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        scope = {**scope, "headers": [each for each in scope["headers"] if each[0] not in FORGED]}
        if scope["method"] == "POST":
            body = await whole(receive)
            if body is None:
                too_much = said(413, f"A request may have {MAX_BODY} bytes.")
                await too_much(scope, receive, send)
                return
            if scope["path"] in (JOIN, DIRECT):
                checked = self._checked(scope["path"], body)
                if isinstance(checked, Response):
                    await checked(scope, receive, send)
                    return
                body = checked
                length = [(b"content-length", str(len(body)).encode())]
                others = [each for each in scope["headers"] if each[0] != b"content-length"]
                scope = {**scope, "headers": [*others, *length]}
            receive = again(body, receive)
            if scope["path"] == DIRECT:
                send = blamed(send)
        await self._app(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        path, method, headers = scope["path"], scope["method"], Headers(scope=scope)
        origin, host = headers.get("origin"), headers.get("host", "")
        if origin is not None and urlsplit(origin).netloc not in {host, *self._admission.hosts}:
            return said(403, FOREIGN.format(origin=origin, host=host))
        if SHUT.fullmatch(path) and path not in self._admission.opened:
            return said(404, "There is nothing here.")
        if path.startswith(API):
            if method not in ASKED or not ASKED[method].fullmatch(path):
                return said(404, "There is nothing here that a page asks for.")
        elif method not in READS:
            return said(405, "A page can only be read.")
        client = scope.get("client")
        if client and not FILES.fullmatch(path):
            wait = self._admission.rates.wait(client[0])
            if wait:
                seconds = math.ceil(wait)
                sentence = self._admission.slow(scope.get("language", "en"), seconds)
                return said(429, sentence, {"Retry-After": str(seconds)})
        return None

    def _checked(self, path: str, body: bytes) -> bytes | Response:
        """The body as Gradio is to read it, or what is wrong with it."""
        try:
            asked = Incoming.model_validate_json(body)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, wrong["loc"])) or "body"
            return said(400, f"{place}: {wrong['msg']}")
        handler = self._admission.handlers.get(asked.fn_index)
        if handler is None or handler.queued != (path == JOIN):
            return said(404, f"fn_index: there is no handler {asked.fn_index} to be asked here")
        if len(asked.data) != handler.inputs:
            return said(400, f"data: {handler.inputs} values are wanted, {len(asked.data)} came")
        return json.dumps(asked.model_dump(), allow_nan=False).encode()


def said(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """As Gradio's pages expect a refusal, which they show to the player."""
    return JSONResponse({"detail": sentence, "error": sentence}, status, headers)


async def whole(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too long, or was not sent to its end."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return body


def again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, and then waits as before."""
    given = False

    async def given_once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given_once


def blamed(send: Send) -> Send:
    """Gradio answers 500 for whatever it cannot do. What is no fault of the caller a handler says
    under the title OURS (stage.bind); all else is: values that a component does not take, and what
    a handler refuses with a sentence."""
    held: Message | None = None

    async def sent(message: Message) -> None:
        nonlocal held
        if message["type"] == "http.response.start" and message["status"] == 500:
            held = message
            return
        if held is not None:
            start, held, body = held, None, message.get("body", b"")
            if f'"title":"{OURS}"'.encode() not in body:
                if b'"title":' not in body:  # Gradio says nothing at all
                    body = bytes(said(422, UNFIT).body)
                kept = [each for each in start["headers"] if each[0] != b"content-length"]
                length = (b"content-length", str(len(body)).encode())
                start = {**start, "status": 422, "headers": [*kept, length]}
            await send(start)
            message = {**message, "body": body}
        await send(message)

    return sent


def handlers(functions: Mapping[int, Any]) -> dict[int, Handler]:
    """functions: of a Gradio app, `app.fns`; what happens in the browser alone is no handler."""
    return {
        number: Handler(len(each.inputs), bool(each.queue))
        for number, each in functions.items()
        if each.fn is not None
    }
