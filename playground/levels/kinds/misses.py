"""The kind `misses`: what is lost when an SAE's version takes the place of the real state?

The loss with the reconstruction spliced in is how SAEs are graded: Gao et al., Scaling and
evaluating sparse autoencoders (2024); Rajamanoharan et al., Jumping Ahead (2024). What is left over
is not noise alone: Engels et al., Decomposing the Dark Matter of Sparse Autoencoders (2024). Knows
no feature.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import fmean
from typing import ClassVar, Literal

from pydantic import Field

from playground.engine.records import Spliced
from playground.errors import AuthorError
from playground.levels.dealing.moments import pieces
from playground.levels.dealing.passages import spelt
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Pillars,
    Question,
    Reply,
    Sealed,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Line, Message

Asks = Literal["text", "token", "loss", "site"]
OPTIONS = 4
LETTERS = "ABCD"
WORDS = (10, 24)  # of a text
AT_ONCE = 4  # texts that are measured together
LOTS = 30  # of texts that one question may look at
AT_ONE_SITE = 3  # of them before another site is tried
SUFFERS = 0.1  # nats a token that the text which suffers most loses at least
TIMES = 2.0  # how many times as much as any other of the four
HIT, SPARED = 2.0, 0.4  # nats: the token that suffers most loses at least, the others at most
TOTAL = 1.3  # how many times as much the worst site loses as the next one
PATIENT = 8  # texts that are looked at for one whose tallest bar stands elsewhere
APART = 0.1  # nats between any two losses to choose from
FULL = 6.0  # nats, of a full bar


class MissesLevel(AskLevel):
    """rounds: questions; asks: about what, in turn: which text suffers most, which of its tokens,
    what the loss is, at which site it suffers most."""

    word: ClassVar[str] = "misses"
    group: ClassVar[Group] = "auditing"
    asks: tuple[Asks, ...] = Field(default=("text",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        texts = SplicedTexts(self, bench, rng)
        for number, place in enumerate(places):
            sealed = DEALT[self.asks[number % len(self.asks)]](texts, place)
            if sealed is None:
                raise AuthorError(
                    f"level {self.id}: needs {self.rounds} texts in which it is clear what the "
                    f"SAEs at {', '.join(texts.sites) or 'its sites'} lose; there were {number}"
                )
            yield sealed


class SplicedTexts:
    """Unseen texts and what they cost, measured as they are wanted."""

    def __init__(self, level: AskLevel, bench: Bench, rng: random.Random) -> None:
        self.rng = rng
        self.sites = tuple(each for each in level.sites if each in bench.engine.sites)
        self._spliced = bench.engine.spliced
        self._coming = pieces(level, bench, WORDS, rng)
        self._measured: dict[str, list[Spliced]] = {site: [] for site in self.sites}

    def lots(self) -> Iterator[list[Spliced]]:
        """What no question has had at some site, and more of it after every look."""
        if not self.sites:
            return
        site = ""
        for number in range(LOTS):
            if number % AT_ONE_SITE == 0:  # at some there is hardly anything to find
                site = self.rng.choice(self.sites)
            if self._measured[site]:
                yield list(self._measured[site])
            self._measured[site] += self.measured(site, AT_ONCE)

    def measured(self, site: str, count: int) -> list[Spliced]:
        """So many new texts at a site."""
        return self._spliced(list(islice(self._coming, count)), site)

    def everywhere(self) -> Iterator[list[Spliced]]:
        """One new text after the other at all sites."""
        if len(self.sites) < 2:
            return
        for text in islice(self._coming, LOTS * AT_ONCE // len(self.sites)):
            yield [self._spliced([text], site)[0] for site in self.sites]

    def floor(self, spliced: Spliced) -> Spliced:
        """The same with what it costs when nothing is there."""
        return self._spliced(["".join(spliced.tokens)], spliced.site, True)[0]

    def used(self, *asked: Spliced) -> None:
        for kept in self._measured.values():
            kept[:] = [each for each in kept if each not in asked]


# -- the questions ---------------------------------------------------------------------------------
def text(texts: SplicedTexts, place: int) -> Sealed | None:
    """Four texts: which one loses most, token for token?"""
    for lot in texts.lots():
        worst = max(lot, key=loss)
        spared = [each for each in lot if TIMES * loss(each) <= loss(worst)]
        if loss(worst) < SUFFERS or len(spared) < OPTIONS - 1:
            continue
        others = texts.rng.sample(spared, OPTIONS - 1)
        options = (*others[:place], worst, *others[place:])
        texts.used(*options)
        names = tuple(Message("misses.text", letter=letter) for letter in LETTERS)
        shown = tuple(
            Reply("", "".join(each.tokens), name) for each, name in zip(options, names, strict=True)
        )
        rows = tuple((name, loss(each)) for name, each in zip(names, options, strict=True))
        return Sealed(
            Question(Message("misses.ask_text", site=worst.site), "choose", shown, names),
            solution=place,
            guess=max(range(OPTIONS), key=lambda n: fmean(options[n].plain)),
            why=Message(
                "misses.why_text",
                letter=LETTERS[place],
                lost=loss(worst),
                next=max(map(loss, others)),
                plain=fmean(worst.plain),
                spliced=fmean(worst.spliced),
            ),
            reveal=(
                Bars(rows, Message("misses.unit_mean"), loss(worst), Message("misses.bars")),
                lost(worst),
            ),
            right=frozenset({place}),
        )
    return None


def token(texts: SplicedTexts, place: int) -> Sealed | None:
    """Four tokens of a text, with what each costs as it is: which one becomes dearest?"""
    for lot in texts.lots():
        for spliced in lot:
            chosen = places_of(spliced, texts.rng)
            if chosen is None:
                continue
            worst, wrong = chosen
            options = (*wrong[:place], worst, *wrong[place:])
            texts.used(spliced)
            names = tuple(spelt(spliced.tokens, each) for each in options)
            return Sealed(
                Question(
                    Message("misses.ask_token", site=spliced.site),
                    "choose",
                    (costs(spliced, tuple(sorted(options))),),
                    names,
                ),
                solution=place,
                guess=max(range(OPTIONS), key=lambda n: spliced.plain[options[n]]),
                why=Message(
                    "misses.why_token",
                    token=names[place],
                    plain=spliced.plain[worst],
                    spliced=spliced.spliced[worst],
                    spared=max(spliced.lost[each] for each in wrong),
                ),
                reveal=(lost(spliced, (worst,)),),
                right=frozenset({place}),
            )
    return None


def cost(texts: SplicedTexts, place: int) -> Sealed | None:
    """So much of the loss is recovered: what is the loss? The wrong ones come of taking the share
    for one of something else."""
    for lot in texts.lots():
        for each in sorted(lot, key=loss, reverse=True):
            if loss(each) < 2 * APART:
                break
            spliced = texts.floor(each)
            plain, with_it, wiped = map(fmean, (spliced.plain, spliced.spliced, spliced.wiped))
            share = (wiped - with_it) / (wiped - plain)
            wrong = apart(
                with_it,
                (plain / share, plain + 1 - share, plain + 2 * (with_it - plain),
                 plain + 3 * (with_it - plain), (plain + wiped) / 2),
            )  # fmt: skip
            if len(wrong) < OPTIONS - 1:
                continue
            options = (*wrong[:place], with_it, *wrong[place:])
            texts.used(each)
            known = {"plain": plain, "wiped": wiped, "share": share}
            rows: tuple[tuple[Line, float], ...] = (
                (Message("misses.as_it_is"), plain),
                (Message("misses.with_it"), with_it),
                (Message("misses.wiped"), wiped),
            )
            return Sealed(
                Question(
                    Message("misses.ask_loss", site=each.site, **known),
                    "choose",
                    (Reply("", "".join(each.tokens), Message("misses.the_text")),),
                    tuple(Message("misses.nats", nats=value) for value in options),
                ),
                solution=place,
                guess=options.index(wrong[0]),
                why=Message("misses.why_loss", spliced=with_it, lost=with_it - plain, **known),
                reveal=(Bars(rows, Message("misses.unit_mean"), wiped, Message("misses.three")),),
                right=frozenset({place}),
            )
    return None


def site(texts: SplicedTexts, place: int) -> Sealed | None:
    """What a text loses at each site, token by token: where is it most in all? If one is found soon
    enough, a text whose tallest bar stands elsewhere."""
    found = None
    for number, spliced in enumerate(texts.everywhere()):
        totals = sorted(map(loss, spliced), reverse=True)
        if totals[0] >= max(SUFFERS, TOTAL * totals[1]):
            if tallest(spliced) != worst_site(spliced):
                return compared(spliced)
            found = found or spliced
        if found and number >= PATIENT:
            return compared(found)
    return None


def compared(spliced: Sequence[Spliced]) -> Sealed:
    right, looks = worst_site(spliced), tallest(spliced)
    names = tuple(Message("misses.at", site=each.site) for each in spliced)
    rows = tuple((name, loss(each)) for name, each in zip(names, spliced, strict=True))
    lost_here, lost_next = sorted(map(loss, spliced), reverse=True)[:2]
    facts = {"site": spliced[right].site, "lost": lost_here, "next": lost_next}
    why = Message("misses.why_site", **facts)
    if looks != right:
        elsewhere = Message("misses.tallest", site=spliced[looks].site)
        why = Message("common.two", first=why, second=elsewhere)
    return Sealed(
        Question(Message("misses.ask_site"), "choose", tuple(map(lost, spliced)), names),
        solution=right,
        guess=looks,
        why=why,
        reveal=(Bars(rows, Message("misses.unit_mean"), lost_here, Message("misses.sites")),),
        right=frozenset({right}),
    )


DEALT: dict[Asks, Callable[[SplicedTexts, int], Sealed | None]] = {
    "text": text,
    "token": token,
    "loss": cost,
    "site": site,
}


# -- what is measured ------------------------------------------------------------------------------
def loss(spliced: Spliced) -> float:
    """What the SAE's version costs more, in nats a token."""
    return fmean(spliced.lost)


def worst_site(spliced: Sequence[Spliced]) -> int:
    return max(range(len(spliced)), key=lambda n: loss(spliced[n]))


def tallest(spliced: Sequence[Spliced]) -> int:
    """Where the highest single bar stands."""
    return max(range(len(spliced)), key=lambda n: max(spliced[n].lost))


def places_of(spliced: Spliced, rng: random.Random) -> tuple[int, list[int]] | None:
    """The token that suffers most, and three that hardly do, the dearest among them; each is a word
    and stands in the text once."""
    worst = max(range(len(spliced.tokens)), key=lambda n: spliced.lost[n])
    words = [each.strip() for each in spliced.tokens]

    def legible(n: int) -> bool:
        behind = spliced.tokens[n + 1 : n + 2]
        ends = not behind or not behind[0][:1].isalpha()
        begins = spliced.tokens[n][:1] == " "
        return begins and ends and words[n].isalpha() and words.count(words[n]) == 1

    spared = [n for n in range(1, len(words)) if legible(n) and abs(spliced.lost[n]) <= SPARED]
    spared.sort(key=lambda n: spliced.plain[n], reverse=True)
    if spliced.lost[worst] < HIT or not legible(worst) or len(spared) < OPTIONS - 1:
        return None
    wrong = [spared[0], *rng.sample(spared[1:], OPTIONS - 2)]
    rng.shuffle(wrong)
    return worst, wrong


def apart(right: float, others: Sequence[float]) -> list[float]:
    """The first three that nobody takes for the right one, or for each other."""
    found = list[float]()
    for each in others:
        if all(abs(each - known) >= APART for known in (right, *found)):
            found.append(each)
    return found[: OPTIONS - 1]


# -- what is shown ---------------------------------------------------------------------------------
def costs(spliced: Spliced, marked: tuple[int, ...]) -> Pillars:
    """What each token costs the model as it is."""
    said = Message("misses.costs")
    return Pillars(spliced.tokens, spliced.plain, FULL, Message("misses.unit"), marked, said)


def lost(spliced: Spliced, marked: tuple[int, ...] = ()) -> Pillars:
    """What each token costs more with the SAE's version in place."""
    said = Message("misses.lost", site=spliced.site)
    return Pillars(spliced.tokens, spliced.lost, FULL, Message("misses.unit"), marked, said)
