"""What a form or a button of a board has sent: anybody can send anything, so each value is a text
of bounded length, a whole number or a refusal. Draws nothing but what it says of a file."""

from datetime import UTC, datetime

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.rules import zone_of
from playground.levels.schema import Pick
from playground.screens import downloads
from playground.screens.downloads import Download
from playground.screens.parts import frame
from playground.screens.render import macro
from playground.text.words import Words

LINE = 200  # characters of a field of one line
NUMBER_MOST = 2**31


def sent(event: gr.EventData) -> dict[str, object]:
    """The values of an event, those of its form among them."""
    data = event._data if isinstance(event._data, dict) else {}
    form = data.get("form")
    return {**data, **form} if isinstance(form, dict) else dict(data)


def text(event: gr.EventData, name: str, most: int = LINE) -> str:
    """Empty where nothing was sent. PlayerError for what is too long."""
    value = sent(event).get(name)
    if not isinstance(value, str):
        return ""
    if len(value) > most:
        raise PlayerError("errors.too_long", count=len(value), limit=most)
    # What no database keeps: half of a letter, and the letter that ends texts elsewhere.
    return value.encode(errors="replace").decode().replace("\0", "").strip()


def ticked(event: gr.EventData, name: str) -> bool:
    return bool(text(event, name))


def whole(event: gr.EventData, name: str) -> int:
    """PlayerError for what is no number."""
    return number(digits(event, name))


def digits(event: gr.EventData, name: str) -> str:
    """A number as it was written: the pages' own scripts send some as they are."""
    value = sent(event).get(name)
    bare = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if bare else text(event, name)


def place(event: gr.EventData, name: str, count: int) -> int:
    """One of so many, from 0. PlayerError for what is none of them."""
    found = whole(event, name)
    if found >= count:
        raise PlayerError("teach.no_number", number=str(found))
    return found


def pick(event: gr.EventData) -> Pick:
    """The feature that a button speaks of. PlayerError for what is no number; whether the model has
    it, its game knows."""
    return frame.pick_of(text(event, "site"), digits(event, "feature"))


def number(given: str) -> int:
    """Of a form or an address."""
    if not given.isascii() or not given.isdigit() or len(given) > 10 or int(given) >= NUMBER_MOST:
        raise PlayerError("teach.no_number", number=given[:20])
    return int(given)


def moment(event: gr.EventData, name: str, zone: str) -> datetime | None:
    """As a field for date and time sends it, by the clock of the zone. PlayerError for what is
    none."""
    given = text(event, name)
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=zone_of(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PlayerError("teach.no_date", date=given[:30]) from error


def caller(request: gr.Request) -> str:
    """The address that a request came from."""
    client = request.client
    return client.host if client else ""


def asked(request: gr.Request, name: str) -> str:
    """A part of the page's own address."""
    value = request.query_params.get(name, "")
    return value[:LINE] if isinstance(value, str) else ""


def file(words: Words, download: Download, said: str) -> Markup:
    """A link to a file that was made, which the browser follows by itself."""
    return macro(words, "forms:file", downloads.offer(download), download.name, said)
