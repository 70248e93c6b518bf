"""What a feature is called: the narrowest name that its strongest texts bear out, and that what it
fires on at lower strengths bears out too; no support, no name.

A name is a hypothesis about where a feature fires (Bills et al. 2023), so each is held against the
examples it was made from, against firings that were drawn by chance from its whole range, and,
where it is a concept's, against texts of *select* about it, about others, and about what is easily
taken for it. Knows nothing of models; *grade* is not seen here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from playground.atlas.windows import LINE_BREAK, Window
from playground.concepts.concepts import Concept
from playground.messages import Message

# How a name was made: from a concept; from two that rank alike; from the word, word part or sign of
# the peak; from what these words have in common; from what stands around the
# peak; from words that it makes likelier and that do follow.
Made = Literal["concept-auroc", "mixed", "top-token", "shape", "context", "top-logits", "dead", ""]
SUBJECT: Made = "concept-auroc"

T = TypeVar("T")

FEWEST = 4  # examples that a name may rest on
SHOWN, ALL = 0.75, 0.5  # share of the strongest examples, and of all firings by their activation
WORD_ALL = 0.6  # a single word is a narrow claim, and has to hold more often
STRONGEST_SHOWN, STRONGEST_ALL = 0.85, 0.2  # of a word where it fires most, and weakly elsewhere
SELECT, CONTRAST = 0.9, 0.8  # AUROC of a concept on *select*, and against near concepts alone
ALIKE = 0.02  # AUROC by which two concepts rank alike
EACH = 0.25  # share of the strongest examples that each of two mixed concepts has to itself
OFTEN = 0.3  # share of a word's uses from which on the feature is said to fire on the word
SEVERAL = 3  # different words, lest what they share is the word
SHORTEST = {"ends": 2, "begins": 3}  # letters that words have to share
LONGEST = 4  # words and signs of a phrase
OPENING = 3  # tokens of a document that open it
APART = 2  # tokens that tell namesakes apart
PUSHED = 3  # promoted tokens that are named


@dataclass(frozen=True)
class Fit:
    """A concept and how well the feature tells it on *select*: AUROC against all other texts, and
    against near ones."""

    concept: Concept
    select: float
    contrast: float


@dataclass(frozen=True)
class Evidence:
    """What is known of where a feature fires. top: the examples that its card shows first; spread:
    examples from its whole range, drawn by chance; fits: concepts, best first; pushed: the tokens
    that it makes likelier; used: of a token (its plain form) the share of uses on which the
    feature fires, 0..1."""

    top: Sequence[Window]
    spread: Sequence[Window]
    fits: Sequence[Fit] = ()
    pushed: Sequence[str] = ()
    used: Callable[[str], float] = field(default=lambda token: 1.0, repr=False)


@dataclass(frozen=True)
class Name:
    """fits: of the strongest examples (`of`) those that bear the name out; share: of what it fires
    on at all strengths, weighed by activation."""

    label: Message
    made: Made
    fits: int
    of: int
    share: float


Test = Callable[[Window], bool]


@dataclass(frozen=True)
class Claim:
    """A name that might hold, and what an example has to be like for it. shown, least: share of the
    strongest examples, and of all firings, that have to be so."""

    label: Message
    made: Made
    test: Test
    least: float = ALL
    shown: float = SHOWN

    def held(self, by: Evidence) -> Name | None:
        """The name, where enough of the examples bear it out."""
        count = sum(map(self.test, by.top))
        whole = sum(each.value for each in by.spread)
        share = sum(each.value for each in by.spread if self.test(each)) / whole if whole else 0.0
        if count < self.shown * len(by.top) or share < self.least:
            return None
        return Name(self.label, self.made, count, len(by.top), round(share, 4))


def named(by: Evidence) -> Name | None:
    """The first claim that holds; the narrowest are made first."""
    if len(by.top) < FEWEST:
        return None
    return next((name for claim in claims(by) if (name := claim.held(by))), None)


def claims(by: Evidence) -> Iterator[Claim]:
    for one in single(by):
        if one.held(by):
            yield from phrases(by)
            yield from within(one, by)
            yield one
            return
    yield from phrases(by)
    yield from shapes(by)
    yield from concepts(by)
    yield from map(strongest, phrases(by))
    yield from map(strongest, single(by))
    yield from surroundings(by)
    yield from followed(by)


# -- one word --------------------------------------------------------------------------------------
def single(by: Evidence) -> Iterator[Claim]:
    word, part = common(each.word for each in by.top), common(each.part for each in by.top)
    raw = spelling([each.raw for each in by.top if each.word == word], word)
    yield Claim(called(word, raw), "top-token", lambda each: each.word == word, WORD_ALL)
    if part.isalpha():
        own = [each for each in by.top if each.part == part]
        raw = spelling([each.pieces[each.peak].strip(" ") for each in own], part)
        whole = sum(each.word == part for each in own) > len(own) / 2
        said = Message("atlas.word" if whole else "atlas.part", token=raw)
        yield Claim(said, "top-token", lambda each: each.part == part, WORD_ALL)


def spelling(raws: Sequence[str], lowered: str) -> str:
    """With the capitals that nearly all have, else with none."""
    raw, count = Counter(raws).most_common(1)[0]
    return raw if count >= SHOWN * len(raws) and raw.strip() else lowered


def strongest(claim: Claim) -> Claim:
    """A word or phrase may be the name of the strongest firings alone, and then says so."""
    said = Message("atlas.strongest", name=claim.label)
    return replace(claim, label=said, least=STRONGEST_ALL, shown=STRONGEST_SHOWN)


def within(one: Claim, by: Evidence) -> Iterator[Claim]:
    """A word on which the feature fires in some surroundings alone is not all of its name."""
    word, part = by.top[0].word, common(each.part for each in by.top)
    if by.used(part) >= OFTEN:
        return
    for fit in by.fits:
        concept = fit.concept
        if fit.select >= SELECT and not concept.pattern.search(word):

            def both(each: Window, concept: Concept = concept) -> bool:
                return one.test(each) and bool(concept.pattern.search(each.without))

            said = Message("atlas.within", name=one.label, concept=titled(concept))
            yield Claim(said, "top-token", both)
    for key, test in PLACES.items():

        def there(each: Window, test: Test = test) -> bool:
            return one.test(each) and test(each)

        yield Claim(Message("atlas.there", name=one.label, place=Message(key)), "top-token", there)
    for phrase in phrases(by):
        said = Message("atlas.such", name=one.label, text=phrase.label.params["text"])
        yield replace(phrase, label=said, least=STRONGEST_ALL, shown=STRONGEST_SHOWN)
    yield replace(one, label=Message("atlas.some", name=one.label))


def called(word: str, raw: str) -> Message:
    if word == LINE_BREAK:
        return Message("atlas.line_breaks")
    if word.isdecimal():
        return Message("atlas.number", token=raw)
    return Message("atlas.word" if any(c.isalpha() for c in word) else "atlas.sign", token=raw)


def quoted(word: str) -> Message:
    return Message("atlas.line_break") if word == LINE_BREAK else Message("atlas.token", token=word)


# -- words together --------------------------------------------------------------------------------
def phrases(by: Evidence) -> Iterator[Claim]:
    """The longest that most examples have first."""
    for size in range(LONGEST, 1, -1):
        for back in range(size):
            on = size - 1 - back
            phrase = common(each.phrase(back, on) for each in by.top)
            if len(phrase) == size and any(unit.isalnum() for unit in phrase):

                def has(each: Window, phrase: tuple[str, ...] = phrase, back: int = back) -> bool:
                    return each.phrase(back, len(phrase) - 1 - back) == phrase

                said = Message("atlas.phrase", text=spaced(phrase))
                yield Claim(said, "context", has)


def spaced(units: Sequence[str]) -> str:
    """With a space before words, none before signs."""
    text = ""
    for unit in units:
        text += " " + unit if text and unit[:1].isalnum() else unit.replace(LINE_BREAK, "↵")
    return text


# -- what words share ------------------------------------------------------------------------------
def shapes(by: Evidence) -> Iterator[Claim]:
    words = [each.word for each in by.top if each.word.isalpha()]
    for key, letters in (("begins", beginnings(words)), ("ends", endings(words))):
        if letters:

            def has(each: Window, key: str = key, letters: str = letters) -> bool:
                """The token is where the letters are."""
                same = str.startswith if key == "begins" else str.endswith
                return (
                    each.word.isalpha() and same(each.word, letters) and same(each.word, each.part)
                )

            yield Claim(Message(f"atlas.{key}", letters=letters), "shape", has)


def beginnings(words: Sequence[str]) -> str:
    found = (word[:size] for word in words for size in range(SHORTEST["begins"], len(word) + 1))
    return shared(found, words, lambda letters: lambda word: word.startswith(letters))


def endings(words: Sequence[str]) -> str:
    found = (word[-size:] for word in words for size in range(SHORTEST["ends"], len(word)))
    return shared(found, words, lambda letters: lambda word: word.endswith(letters))


def shared(
    tried: Iterator[str], words: Sequence[str], test: Callable[[str], Callable[[str], bool]]
) -> str:
    """The letters that most words have, of those the most letters; '' where too few have any."""
    best, most = "", (0, 0)
    for letters in dict.fromkeys(tried):
        having = [word for word in words if test(letters)(word)]
        enough = len(having) >= SHOWN * len(words) and len(set(having)) >= SEVERAL
        if enough and (len(having), len(letters)) > most:
            best, most = letters, (len(having), len(letters))
    return best


# -- concepts --------------------------------------------------------------------------------------
def concepts(by: Evidence) -> Iterator[Claim]:
    """Of those that the feature tells from all others the one that most examples show; two that do
    so alike are both named."""
    able = [fit for fit in by.fits if fit.select >= SELECT and fit.contrast >= CONTRAST]
    able.sort(key=lambda fit: -(sum(map(shows(fit.concept), by.top)) + fit.select))
    for one, other in zip(able, able[1:], strict=False):
        if abs(one.select - other.select) <= ALIKE and both_apart(one, other, by):

            def either(each: Window, pair: tuple[Fit, Fit] = (one, other)) -> bool:
                return any(shows(fit.concept)(each) for fit in pair)

            titles = (titled(one.concept), titled(other.concept))
            yield Claim(Message("atlas.mixed", concepts=titles), "mixed", either)
        break
    for fit in able[:1]:
        said = Message("atlas.concept", concept=titled(fit.concept))
        yield Claim(said, SUBJECT, shows(fit.concept), ALL)


def both_apart(one: Fit, other: Fit, by: Evidence) -> bool:
    """Each of two concepts has examples that the other has not."""
    first, second = ([shows(fit.concept)(each) for each in by.top] for fit in (one, other))
    alone = sum(a and not b for a, b in zip(first, second, strict=True))
    besides = sum(b and not a for a, b in zip(first, second, strict=True))
    return min(alone, besides) >= EACH * len(by.top)


def shows(concept: Concept) -> Test:
    return lambda each: bool(concept.pattern.search(each.text))


def titled(concept: Concept) -> Message:
    return Message(f"concepts.{concept.name}")


# -- what stands around it -------------------------------------------------------------------------
PLACES: dict[str, Test] = {
    "atlas.opening": lambda each: 0 <= each.place < OPENING,
    "atlas.sentence": lambda each: each.opens_sentence,
}


def surroundings(by: Evidence) -> Iterator[Claim]:
    for key, test in PLACES.items():
        yield Claim(Message(key), "context", test, WORD_ALL)
    before, after = common(each.before for each in by.top), common(each.after for each in by.top)
    if len({each.word for each in by.top}) <= len(by.top) / 2:
        before = after = ""  # it is rather these words
    if before:
        said = Message("atlas.behind", token=quoted(before))
        yield Claim(said, "context", lambda each: each.before == before, WORD_ALL)
    if after:
        said = Message("atlas.ahead", token=quoted(after))
        yield Claim(said, "context", lambda each: each.after == after, WORD_ALL)
    for key, test in SORTS.items():
        yield Claim(Message(key), "shape", test, 0.9)


SORTS: dict[str, Test] = {
    "atlas.capitals": lambda each: len(each.raw) > 1 and each.raw.isupper(),
    "atlas.names": lambda each: (
        each.raw[:1].isupper() and each.raw[1:].islower() and not each.opens_sentence
    ),
    "atlas.numbers": lambda each: each.raw.isdecimal(),
    "atlas.signs": lambda each: bool(each.raw) and not any(c.isalnum() for c in each.raw),
}


def followed(by: Evidence) -> Iterator[Claim]:
    """It makes words likelier, and they are what comes next."""
    words = (each.strip().lower() for each in by.pushed)
    said = tuple(dict.fromkeys(each for each in words if len(each) > 1))
    tokens = tuple(quoted(each) for each in said[:PUSHED])
    if tokens:
        claim = Message("atlas.makes", tokens=tokens)
        yield Claim(claim, "top-logits", lambda each: each.after.startswith(said))


def common(values: Iterator[T]) -> T:
    """The most frequent, of equals the first."""
    return Counter(values).most_common(1)[0][0]


# -- equal names -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Namesake:
    """A feature beside others of its name. fires, pushed: the tokens that it fires on most and that
    it makes likelier, the first ones first."""

    fires: Sequence[str]
    pushed: Sequence[str]


def told_apart(same: Sequence[Namesake]) -> list[Message | None]:
    """What each of several features of one name has to itself: tokens that it fires on, else such
    that it makes likelier, else nothing."""
    made = list[Message | None]()
    for n, one in enumerate(same):
        others = [*same[:n], *same[n + 1 :]]
        fires = own(one.fires, [each.fires for each in others])
        pushed = own(one.pushed, [each.pushed for each in others])
        if fires:
            made.append(Message("atlas.most_on", tokens=fires))
        elif pushed:
            made.append(Message("atlas.makes", tokens=pushed))
        else:
            made.append(None)
    return made


def own(mine: Sequence[str], theirs: Sequence[Sequence[str]]) -> tuple[Message, ...]:
    """The first tokens of one that no other has."""
    taken = {token for each in theirs for token in each}
    left = [token for token in mine if token.strip() and token not in taken]
    return tuple(quoted(token) for token in list(dict.fromkeys(left))[:APART])
