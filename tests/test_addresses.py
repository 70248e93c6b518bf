"""Addresses by language, and the switch between them; the browser's part is in a browser test."""

import asyncio
import re
from typing import Any, cast

import httpx
import pytest

from playground.screens import site, theme
from playground.screens.addresses import Addresses, address, from_to, without_page
from playground.screens.parts import frame
from playground.screens.render import macro
from playground.text.language import LANGUAGES, OWN_NAMES, Language
from playground.text.words import Words
from tests.served import Served, needs_model

BELOW = {"ru", "ru/hunt", "gpt2", "gpt2/hunt", "gpt2/ru", "gpt2/ru/hunt"}


def asked(path: str, query: bytes = b"") -> tuple[str, dict[str, str], int, bytes]:
    """What the app is asked for, and the answer: inner path, headers, status, body."""
    seen: list[str] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        assert scope["path"].encode() == scope["raw_path"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'<html lang="en"><p lang="en">'})

    async def keep(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        raise AssertionError("nothing is to be received")

    scope = {
        "type": "http", "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": [], "method": "GET",
    }  # fmt: skip
    asyncio.run(Addresses(app, BELOW, ["gpt2"])(scope, nothing, keep))
    headers = {key.decode(): value.decode() for key, value in sent[0].get("headers", [])}
    return "".join(seen), headers, sent[0]["status"], sent[1]["body"]


def test_the_beginning_of_the_server_goes_through() -> None:
    begun = list[str]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.append(scope["type"])

    scope = {"type": "lifespan", "asgi": {}}
    asyncio.run(Addresses(app, BELOW, ["gpt2"])(scope, cast(Any, None), cast(Any, None)))
    assert begun == ["lifespan"]


@pytest.mark.parametrize(
    ("path", "inner", "language"),
    [
        ("/", "/", "en"),
        ("/hunt", "/hunt", "en"),
        ("/ru/", "/ru", "ru"),
        ("/ru/hunt", "/ru/hunt", "ru"),
        ("/ru/hunt/", "/ru/hunt", "ru"),
        # files and events are the same for all languages
        ("/ru/theme.css", "/theme.css", "en"),
        ("/ru/gradio_api/queue/join", "/gradio_api/queue/join", "en"),
        ("/en/hunt", "/en/hunt", "en"),
        ("/rubric", "/rubric", "en"),
        ("/gpt2/", "/gpt2", "en"),
        ("/gpt2/ru/hunt", "/gpt2/ru/hunt", "ru"),
        ("/gpt2/ru/gradio_api/queue/join", "/gradio_api/queue/join", "en"),
        ("/gpt2/theme.css", "/theme.css", "en"),
    ],
)
def test_an_address_leads_to_its_page(path: str, inner: str, language: str) -> None:
    seen, _, _, body = asked(path)
    assert seen == inner
    assert body == f'<html lang="{language}"><p lang="en">'.encode()


def test_no_page_is_asked_for_at_the_root() -> None:
    assert without_page(b"level=x&page=%3Cb%3E&s=") == b"level=x&s="
    assert without_page(b"s=%ff&q=a+b") == b"s=%ff&q=a+b"


@needs_model
def test_a_page_that_nobody_has_is_the_first_one(house: Served) -> None:
    for query in ("page=none", "page=%3Cb%3E", "page="):
        assert httpx.get(f"{house.address}?{query}").status_code == 200
    assert httpx.get(f"{house.address}handbook?page=feature").status_code == 200


def test_a_language_without_a_slash_gets_one() -> None:
    for path, location in (("/ru", "ru/"), ("/gpt2", "gpt2/"), ("/gpt2/ru", "ru/")):
        seen, headers, status, _ = asked(path, b"level=x")
        assert (seen, status) == ("", 307)
        assert headers["location"] == f"{location}?level=x"


@pytest.mark.parametrize(
    ("language", "here", "there", "link"),
    [
        ("en", "", "gpt2", "gpt2/"),
        ("en", "gpt2", "", "../"),
        ("en", "gpt2", "llama", "../llama/"),
        ("ru", "", "gpt2", "../gpt2/ru/"),
        ("ru", "gpt2", "", "../../ru/"),
    ],
)
def test_a_model_leads_to_another(language: Language, here: str, there: str, link: str) -> None:
    assert from_to(language, here, there) == link


def test_every_page_has_an_address_in_every_language() -> None:
    assert address("en", "hunt") == "hunt"
    assert (address("ru", "hunt"), address("ru", "")) == ("ru/hunt", "ru")
    middleware, _ = site.served()["middleware"]
    below = cast(set[str], middleware.kwargs["pages"])
    assert len(below) == len((*site.PAGES, *site.HOUSE)) * (len(LANGUAGES) - 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_leads_to_the_other_languages(language: Language) -> None:
    drawn = macro(Words.of(language), "frame:switch", frame.tongues(language))
    others: list[Language] = [other for other in LANGUAGES if other != language]
    assert re.findall(r'data-language="(\w+)"', drawn) == others
    assert all(OWN_NAMES[other] in drawn for other in others)
    assert ('href="../"' in drawn) == (language != "en")


def test_the_script_of_the_switch_knows_every_language() -> None:
    listed = re.search(r"const others = \[(.*?)\]", theme.HEAD)
    assert listed
    assert re.findall(r"'(\w+)'", listed[1]) == [each for each in LANGUAGES if each != "en"]
