"""How a player writes an answer: takes pieces of the card, tries them, learns from that."""

import re
from collections import deque
from collections.abc import Iterator, Sequence

from playwright.sync_api import Locator, Page, expect

from tests.player.notebook import Notebook
from tests.player.screen import (
    STRIPS,
    Exhibit,
    Piece,
    Question,
    Shaded,
    brightest,
    text_of,
    words_of,
)
from tests.standstill import PATIENCE

TRIES = 40  # texts that are tried for one question
LONG = 4  # letters of a word for a near miss
FIRES, DARK = 0.35, 0.1  # shades of a piece that fires, and of one that does not
WINDOWS = (2, 4, 8)  # words up to such a piece that are tried alone
NEAR_MISS = (
    "On Sunday there was also talk of {word} in the kitchen.",
    "She wrote {word} on a list.",
    "The {word} was not there.",
    "{word}",
)


def write(page: Page, question: Question, book: Notebook) -> None:
    """Tries texts until one would count; the last stays where none does."""
    slot = "#question"
    waiting, tried = deque(ideas(question, book)), set[str]()
    while waiting and len(tried) < TRIES:
        text = waiting.popleft().strip()
        if not text or text in tried or len(text.split()) > question.words:
            continue
        tried.add(text)
        page.fill(f"{slot} textarea", text)
        page.click(f"{slot} [data-act=try]")
        said = page.locator(f"{slot} .tried").filter(has_text=f"“{text}”")
        expect(said).to_be_visible(timeout=PATIENCE)
        if said.locator(".chip.on").count():
            return
        waiting.extendleft(reversed(list(alone(said, question.ask))))


def ideas(question: Question, book: Notebook) -> Iterator[str]:
    """Texts, the most promising first."""
    if found := re.search(r"With a dial on (.+?), \d+ of", question.ask):
        yield from lead_ins(book.texts(found.group(1)), banned_in(question.ask), question.words)
        return
    if "near miss" in question.ask:
        yield from near_misses(question.cards[0])
        return
    banned, other = banned_in(question.ask), tuple[Shaded, ...]()
    card = question.cards[0]
    if found := re.search(r"on which (\w) fires and (\w) stays silent", question.ask):
        mine, rival = (f"Feature {found.group(n)}" for n in (1, 2))
        card = next(each for each in question.cards if each.caption == mine)
        other = next(each.strips for each in question.cards if each.caption == rival)
    yield from firing(card.strips, banned, other, question.words)


def banned_in(ask: str) -> list[str]:
    found = re.search(r"Not allowed: (.+)\.", ask)
    return [word.strip().lower() for word in found.group(1).split(",")] if found else []


def lead_ins(texts: Sequence[str], banned: Sequence[str], words: int) -> Iterator[str]:
    """The beginnings of texts about a topic, and their ends, without what is forbidden."""
    for text in texts:
        said = without(text, banned).split()
        yield " ".join(said[:words])
        yield " ".join(said[-words:])


def near_misses(card: Exhibit) -> Iterator[str]:
    """A long pale word of the card in a sentence about something else."""
    bright = {w for strip in card.strips for p in strip if p.shade > 0 for w in words_of(p.text)}
    said = {w for strip in card.strips for w in words_of(text_of(strip)) if len(w) >= LONG}
    for frame in NEAR_MISS:
        for word in sorted(said - bright, key=lambda word: (-len(word), word))[: TRIES // 4]:
            yield frame.format(word=word)


def firing(
    strips: Sequence[Shaded], banned: Sequence[str], other: Sequence[Shaded], words: int
) -> Iterator[str]:
    """Pieces of the card around what is bright, without what is forbidden or bright elsewhere."""
    rival = {piece.plain for piece in brightest(other)}
    sizes = (4, 2, words) if other else (words, 8, 4)  # of look-alikes little else shall come along
    cut = [text for size in sizes for strip in strips for text in pieces(strip, size)]
    allowed = [text for text in cut if not forbidden(text, banned)]
    yield from (text for text in allowed if not rival & set(words_of(text)))
    yield from (without(text, banned) for text in cut if forbidden(text, banned))
    lit = sorted((p for s in strips for p in s if p.shade > 0), key=lambda piece: -piece.shade)
    each = [
        w for w in dict.fromkeys(piece.text.strip() for piece in lit) if not forbidden(w, banned)
    ]
    for size in (3, 6, words):
        yield " ".join(each[:size])
    yield from each


def forbidden(text: str, banned: Sequence[str]) -> bool:
    return without(text, banned) != " ".join(text.split())


def without(text: str, banned: Sequence[str]) -> str:
    """A text with the forbidden words left out."""
    for word in sorted(banned, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def pieces(strip: Shaded, size: int) -> Iterator[str]:
    """At most so many words of a text: up to its brightest piece, and on from there."""
    at = max(range(len(strip)), key=lambda place: strip[place].shade)
    yield up_to(strip, at, size)
    tail = "".join(piece.text for piece in strip[at:])
    yield " ".join(tail.split()[:size])


def up_to(strip: Shaded, at: int, size: int) -> str:
    """So many words that end with the one of a piece."""
    head = "".join(piece.text for piece in strip[: at + 1])
    tail = "".join(piece.text for piece in strip[at + 1 :])
    head += re.split(r"\s", tail, maxsplit=1)[0]
    return " ".join(head.split()[-size:])


def alone(said: Locator, ask: str) -> Iterator[str]:
    """Of a text that woke both look-alikes: what wakes the first and leaves the second dark."""
    strips = [
        tuple(Piece(*p) for p in strip) for strip in said.locator(".strip").evaluate_all(STRIPS)
    ]
    captions = said.locator("figcaption").all_inner_texts()
    if len(strips) != 2 or not all(each.startswith("Feature ") for each in captions):
        return
    found = re.search(r"on which (\w) fires", ask)
    if found and not captions[0].startswith(f"Feature {found.group(1)}"):
        strips.reverse()
    mine, rival = strips
    dark = {word for piece in rival if piece.shade > DARK for word in words_of(piece.text)}
    yield " ".join(w for w in text_of(mine).split() if not dark & set(words_of(w)))
    places = [n for n, piece in enumerate(mine) if piece.shade >= FIRES]
    for at in sorted(places, key=lambda n: -mine[n].shade)[:2]:
        if mine[at].plain not in dark:
            yield from (up_to(mine, at, size) for size in WINDOWS)
