"""Texts that a model goes on with by copying, and that it provably copies. One sort is words in no
order that anybody would know, and then the first of them once more, which nothing but copying can
go on with (Olsson et al., In-context Learning and Induction Heads, 2022). The other sort are
texts in which the word that comes next has stood before: with another word in its place, the model
says that one.

Knows no features and no kind.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from playground.levels.dealing.moments import pieces
from playground.levels.dealing.questions import AskLevel
from playground.levels.dealing.spoken import CLEAR, SureText, changed, differing, understood
from playground.levels.dealing.spoken import WORDS as WORDS_OF_TEXT
from playground.levels.judging import Bench

COPIED = 0.3  # probability of the word that came next before, at least
TRIED = 200  # lists of a deal, at most
GIVEN_UP = 6  # lists of which the model copied none, after which it is asked about texts
CHANGES = 3  # places of a text that are tried, and words that are tried there instead
SPACED = re.compile(r" ([A-Z][a-z]{2,}|[a-z]{4,})\b")  # a name, or a word of some length
LISTED = (7, 11)  # words that stand in a list before they come again
# Short ones, that most models read as one token each.
WORDS = """
cat dog house tree river table apple window music snow garden horse train bread stone night summer
letter king queen forest bird fish moon star bridge ring paper glass winter door lamp road mountain
cake book mirror island castle sea clock boat tea cup soup coat hat key cloud rain fire milk box
drum shoe map bell coin wall farm field tower chair bed flower grass gold silver sand wood rope
sword song dance school church market street village kitchen pocket basket blanket pencil candle
feather honey salt sugar butter cheese egg onion rose
""".split()  # noqa: SIM905


@dataclass(frozen=True, eq=False)
class CopiedText:
    """at: where the word that the model says has stood before. changed: the same text with another
    word there, which the model says instead; none for a list of words."""

    own: SureText
    at: int
    changed: SureText | None = None


def copies(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[CopiedText]:
    """Lists where the model copies these, then texts. Raises AuthorError for a model whose parts
    nobody has described."""
    return chain(lists(level, bench, rng), texts(level, bench, rng))


def lists(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[CopiedText]:
    copied = 0
    for number in range(TRIED):
        if number == GIVEN_UP and not copied:
            return
        count = rng.randint(*LISTED)
        more = rng.randint(2, count - 2)
        drawn = rng.sample(WORDS, count)
        # A space before the first, so that it is the same token when it comes again.
        text = " ".join(["", *drawn, *drawn[:more]])
        own = understood(level, bench.patching, text)
        if own and (found := listed(own, count, more)):
            copied += 1
            yield found


def listed(own: SureText, count: int, more: int) -> CopiedText | None:
    """None where a word is more than one token, or where the model says something else. count:
    words before they come again; more: of those that do."""
    run = own.run
    first = run.lead + more - 1
    whole = len(run.ids) == run.lead + count + more and run.ids[-1] == run.ids[first]
    sure = run.answer == run.ids[first + 1] and own.chance >= COPIED
    return CopiedText(own, first + 1) if whole and sure else None


def texts(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[CopiedText]:
    """One of each text at most, with a word in the place of its own that others said."""
    pool = list[str]()
    for text in pieces(level, bench, WORDS_OF_TEXT, rng):
        tries = again(text)
        for beginning, word in rng.sample(tries, min(CHANGES, len(tries))):
            own = understood(level, bench.patching, beginning)
            if own is None or own.run.said != f" {word}" or own.chance < CLEAR:
                continue
            alike = [each for each in pool if each != word and each.istitle() == word.istitle()]
            others = [(word, each) for each in rng.sample(alike, min(CHANGES, len(alike)))]
            pool += [word] if word not in pool else []
            if made := copied(own, changed(own, others)):
                yield made
                break


def again(text: str) -> list[tuple[str, str]]:
    """Where a word comes that has stood there before: what stands in front of it, and the word."""
    found = list[tuple[str, str]]()
    for each in SPACED.finditer(text):
        beginning = text[: each.start()]
        if re.search(rf" {each[1]}\b", beginning):
            found.append((beginning, each[1]))
    return found


def copied(own: SureText, others: Iterable[SureText]) -> CopiedText | None:
    """The first of others that says the word that stands in it where `own` has what it says."""
    for other in others:
        at = differing(own.run.ids, other.run.ids)
        if len(at) == 1 and all(each.run.ids[at[0]] == each.run.answer for each in (own, other)):
            return CopiedText(own, at[0], other)
    return None
