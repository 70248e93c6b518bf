"""The kind `lens`: where on its way through the model does a word become the answer?

Each block's residual is read through the model's own last norm and head: nostalgebraist,
interpreting GPT: the logit lens (2020). What it cannot tell: Belrose et al., Eliciting Latent
Predictions from Transformers with the Tuned Lens (2023). Knows no feature.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from playground.engine.records import Alternative
from playground.errors import AuthorError
from playground.levels.dealing.moments import SHOWN, Moment, ahead, moments, shown_blocks
from playground.levels.dealing.passages import quoted
from playground.levels.dealing.questions import (
    AskLevel,
    Cell,
    Grid,
    Question,
    Reply,
    Sealed,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

Asks = Literal["settles", "early", "earliest", "curve"]
OPTIONS = 4
HALF = 0.5  # share of the blocks after which a model is asked what it would have said
SPOKEN = 0.4  # least probability of what it would have said there
OFTEN = 3  # no row is right in more than one of so many questions
APART = 0.2  # share of the blocks, two at least, between what settles here and there


class LensLevel(AskLevel):
    """rounds: moments, each with one question; asks: about what, in turn."""

    word: ClassVar[str] = "lens"
    group: ClassVar[Group] = "reading"
    asks: tuple[Asks, ...] = Field(default=("settles",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        pool = MomentPool(moments(self, bench, rng), rng, max(1, self.rounds // OFTEN))
        for number, place in enumerate(places):
            sealed = DEALT[self.asks[number % len(self.asks)]](pool, place)
            if sealed is None:
                raise AuthorError(
                    f"level {self.id}: needs {self.rounds} texts whose next word this model is "
                    f"nearly certain of and makes up its mind about clearly; there were {number}"
                )
            yield sealed


class MomentPool:
    """Moments as they come; what one question passes over waits for the next. Of each text one is
    shown: another would tell how it goes on."""

    def __init__(self, coming: Iterator[Moment], rng: random.Random, often: int) -> None:
        """often: how many times a row of the map may be right."""
        self._coming = coming
        self._waiting = list[Moment]()
        self._shown = set[str]()  # sources
        self._right = Counter[int]()
        self._often = often
        self.rng = rng

    def settling(self) -> Moment | None:
        """One whose word does not lead from the first row on, and settles where few have."""
        moment = self.take(self._is_settling)
        if moment is not None:
            self._right[row_of(moment)] += 1
        return moment

    def _is_settling(self, moment: Moment) -> bool:
        return row_of(moment) > 0 and self._right[row_of(moment)] < self._often

    def take(self, fits: Callable[[Moment], bool]) -> Moment | None:
        """The next one that fits, and that no question has had."""
        found = self.several(1, fits)
        return found[0] if found else None

    def several(self, count: int, fits: Callable[[Moment], bool]) -> list[Moment]:
        """So many that fit, each of another text, or none."""
        found = dict[str, Moment]()
        for moment in self._all():
            if fits(moment):
                found.setdefault(moment.source, moment)
            if len(found) == count:
                self._waiting = [each for each in self._waiting if each.source not in found]
                self._shown.update(found)
                return list(found.values())
        return []

    def _all(self) -> Iterator[Moment]:
        yield from tuple(self._waiting)
        for moment in self._coming:
            if moment.source not in self._shown:
                self._waiting.append(moment)
                yield moment


# -- the questions ---------------------------------------------------------------------------------
def settles(pool: MomentPool, place: int) -> Sealed | None:
    """With the map before one's eyes: from which row on does the word lead for good?"""
    moment = pool.settling()
    if moment is None:
        return None
    rows = shown_blocks(len(moment.chances))
    leads = [moment.leads[block] for block in rows]
    right = row_of(moment)
    asked = Message("lens.settles", word=quoted(moment.word), count=len(moment.chances))
    return Sealed(
        Question(asked, "choose", (cut(moment), chart(moment)), tuple(map(after, rows))),
        solution=right,
        guess=leads.index(True),
        why=told(moment),
        reveal=(chart(moment, marked=True),),
        right=frozenset({right}),
    )


def early(pool: MomentPool, place: int) -> Sealed | None:
    """What would the model have said if it had stopped halfway? The wrong ones are its answer and
    what it would have said elsewhere in the text."""
    moment = pool.take(
        lambda each: spoken(each) != each.word and len(elsewhere(each)) >= OPTIONS - 2
    )
    if moment is None:
        return None
    said = spoken(moment)
    wrong = [moment.word, *pool.rng.sample(elsewhere(moment), OPTIONS - 2)]
    pool.rng.shuffle(wrong)
    options = (*wrong[:place], said, *wrong[place:])
    block = half(moment)
    why = Message(
        "lens.early_why",
        early=quoted(said),
        block=block + 1,
        share=moment.guesses[block][0].probability,
        word=quoted(moment.word),
        chance=moment.chances[-1],
    )
    return Sealed(
        Question(
            Message("lens.early", block=block + 1, count=len(moment.chances)),
            "choose",
            (cut(moment),),
            tuple(map(quoted, options)),
        ),
        solution=place,
        guess=options.index(moment.word),
        why=why,
        reveal=(chart(moment, marked=True),),
        right=frozenset({place}),
    )


def earliest(pool: MomentPool, place: int) -> Sealed | None:
    """Of which text is the model sure soonest?"""
    moment = pool.take(soon)
    if moment is None:
        return None
    return among(
        pool, moment, place, Message("lens.earliest"), lambda each: each.settled > moment.settled
    )


def curve(pool: MomentPool, place: int) -> Sealed | None:
    """A curve that rises in the first third of the blocks or in the last one, and four texts: whose
    is it?"""
    moment = pool.take(lambda each: soon(each) or each.settled == len(each.chances) - 1)
    if moment is None:
        return None
    return among(pool, moment, place, Message("lens.curve"), lambda each: True, curves((moment,)))


def among(
    pool: MomentPool,
    moment: Moment,
    place: int,
    ask: Message,
    fits: Callable[[Moment], bool],
    *shown: Grid,
) -> Sealed | None:
    """A question whose options are texts, of which this one is right."""
    gap = max(2, round(APART * len(moment.chances)))

    def other(each: Moment) -> bool:
        return abs(each.settled - moment.settled) >= gap and fits(each)

    others = pool.several(OPTIONS - 1, other)
    if not others:
        return None
    pool.rng.shuffle(others)
    options = (*others[:place], moment, *others[place:])
    return Sealed(
        Question(ask, "choose", shown, tuple(map(offered, options))),
        solution=place,
        guess=max(range(OPTIONS), key=lambda n: options[n].text.count(options[n].word)),
        why=told(moment),
        reveal=(curves(options), chart(moment, marked=True)),
        right=frozenset({place}),
    )


DEALT: dict[Asks, Callable[[MomentPool, int], Sealed | None]] = {
    "settles": settles,
    "early": early,
    "earliest": earliest,
    "curve": curve,
}


# -- blocks and words ------------------------------------------------------------------------------
def row_of(moment: Moment) -> int:
    """The row of the map from which on the word leads to the end."""
    rows = shown_blocks(len(moment.chances))
    return max((n + 1 for n, block in enumerate(rows) if not moment.leads[block]), default=0)


def soon(moment: Moment) -> bool:
    """Whether the word leads for good from the first third of the blocks on."""
    return moment.settled <= (len(moment.chances) - 1) // 3


def half(moment: Moment) -> int:
    """The block, from 0, after which half of the model is done."""
    return max(1, round(HALF * len(moment.chances))) - 1


def spoken(moment: Moment) -> str:
    """The whole word that the model would clearly have said halfway; empty for none."""
    return whole(moment.guesses[half(moment)])


def whole(guesses: Sequence[Alternative]) -> str:
    token = guesses[0].text
    word = token[:1] == " " and token[1:].isalpha()
    return token[1:] if word and guesses[0].probability >= SPOKEN and ahead(guesses) else ""


def elsewhere(moment: Moment) -> list[str]:
    """Whole words that it would have said halfway after other tokens of the text, and hardly here;
    none where it would have said none here."""
    near = {each.text.strip() for each in moment.guesses[half(moment)]}
    if not (said := spoken(moment)):
        return []
    words = [whole(each) for each in moment.lens.guesses[half(moment)][: moment.place]]
    return list(dict.fromkeys(each for each in words if each not in {"", said, moment.word, *near}))


def after(block: int) -> Message:
    return Message("lens.after", block=block + 1)


def offered(moment: Moment) -> Message:
    return Message("lens.offered", text=moment.text, word=moment.word)


def told(moment: Moment) -> Message:
    facts = {
        "word": quoted(moment.word),
        "block": moment.settled + 1,
        "chance": moment.chances[moment.settled],
        "last": moment.chances[-1],
        "count": len(moment.chances),
    }
    if moment.settled == 0:
        return Message("lens.why_once", **facts)
    before = moment.guesses[moment.settled - 1][0]
    return Message("lens.why", before=quoted(before.text), share=before.probability, **facts)


# -- what is shown ---------------------------------------------------------------------------------
def cut(moment: Moment) -> Reply:
    return Reply(moment.text, " …", Message("lens.cut"))


def chart(moment: Moment, marked: bool = False) -> Grid:
    """The last tokens of the text, block by block: what the model would say there. marked: where
    that is what the whole model says."""
    lens, columns = moment.lens, range(moment.place + 1 - SHOWN, moment.place + 1)
    rows = tuple(
        (
            after(block),
            tuple(
                Cell(best.text, best.probability, marked and best.text == lens.answers[column])
                for column in columns
                for best in lens.guesses[block][column][:1]
            ),
        )
        for block in shown_blocks(len(lens.guesses))
    )
    heads = tuple(quoted(lens.tokens[column]) for column in columns)
    said = Message("lens.chart_marked" if marked else "lens.chart")
    return Grid(heads, rows, Message("lens.corner"), said)


def curves(shown: Sequence[Moment]) -> Grid:
    """How likely each moment's word is after each block."""
    blocks = shown_blocks(len(shown[0].chances))
    rows = tuple(
        (
            quoted(each.word) if len(shown) > 1 else Message("lens.hidden"),
            tuple(Cell("", each.chances[block]) for block in blocks),
        )
        for each in shown
    )
    heads = tuple(Message("lens.block", block=block + 1) for block in blocks)
    return Grid(heads, rows, Message("lens.word"), Message("lens.curves"))
