"""A link to give to others: a field to select it in, a button that copies it, and its QR code for a
projector or a phone. Knows no page.

Source: ISO/IEC 18004 (QR code), as segno draws it.
"""

from pathlib import Path
from urllib.parse import urljoin, urlsplit

import gradio as gr
import segno
from markupsafe import Markup
from segno.encoder import DataOverflowError

from playground.screens.render import render
from playground.text.words import Words

# For the board that shows it, as its script.
SCRIPT = Path(__file__).with_name("link.js").read_text(encoding="utf-8")
MOST = 900  # characters; with more, a QR code is too fine for a projector


def page_of(request: gr.Request) -> str:
    """The address of the page that asks, as its browser has it, without what is asked of it."""
    told = str(request.headers.get("referer", "")) or str(request.url)
    return urlsplit(told)._replace(query="", fragment="").geturl()


def drawn(words: Words, address: str, about: str, own: bool = False) -> Markup:
    """address: whole; about: what it leads to, and what it brings along; own: whether the page that
    shows it takes this address."""
    return render(words, "link", address=address, about=about, code=code(address), own=own)


def below(request: gr.Request, link: str) -> str:
    """A link of the page that asks, as a whole address."""
    return urljoin(page_of(request), link)


def code(address: str) -> Markup | None:
    """Its QR code as a picture, None for what is too long to be read off a wall."""
    if len(address) > MOST:
        return None
    try:
        made = segno.make(address, error="m", micro=False, boost_error=False)
    except DataOverflowError:
        return None
    # segno writes numbers and its own names only; the address is in the squares.
    return Markup(made.svg_inline(border=4, omitsize=True, dark="#000", light="#fff"))
