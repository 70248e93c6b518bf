"""Documents of the pocket corpus: which parts, in which order, with which labels. Seeded."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from playground.pocket import genres
from playground.pocket.grammar import GENRES, LANGUAGES, MOODS, STYLES, Grammar, Topic, load
from playground.pocket.writer import WORD, Fragment, Writer, carrying

# How often each genre is written, in parts of the sum; stories carry the plots, so they lead.
GENRE_WEIGHTS = dict(
    story=42, dialogue=8, letter=9, diary=8, news=6, weather=2, recipe=3, poem=3, howto=4,
    quiz=5, shopping=3, code=2, arithmetic=3, facts=5,
)  # fmt: skip
SHARES = dict(switch=0.26, style=0.08, language=0.08)  # the rest is plain English
SWITCH_WEIGHTS = dict(topic=56, mood=5, speaker=8, style=14, language=11, genre=6)
FOREIGN_LETTERS = 0.25  # share of the texts in another language; the others are stories
ABRUPT = 0.12  # share of switches that start a new paragraph without a word of warning


@dataclass(frozen=True)
class Document:
    """One text, the concepts written in it, and whether it was made to change its subject."""

    text: str
    concepts: frozenset[str]
    switch: bool


def documents(seed: int, count: int, grammar: Grammar | None = None) -> Iterator[Document]:
    """`count` documents, no two alike; the same seed gives the same documents."""
    grammar = grammar or load()
    rng = random.Random(seed)
    seen: set[bytes] = set()
    while len(seen) < count:
        document = write(grammar, random.Random(rng.getrandbits(64)))
        fingerprint = blake2b(document.text.encode(), digest_size=8).digest()
        if fingerprint not in seen:
            seen.add(fingerprint)
            yield document


def write(grammar: Grammar, rng: random.Random) -> Document:
    """One document."""
    w = Writer(grammar, rng)
    draw = rng.random()
    if draw < SHARES["switch"]:
        return finish(grammar, switched(w), switch=True)
    if draw < SHARES["switch"] + SHARES["style"]:
        told = genres.write(
            w, drawn(w, GENRE_WEIGHTS, "story", "dialogue", "letter", "diary"), w.topic()
        )
        return finish(grammar, w.styled(told, rng.choice(STYLES)), switch=False)
    if draw < sum(SHARES.values()):
        return finish(grammar, foreign(w, rng.choice(LANGUAGES)), switch=False)
    return finish(grammar, genres.write(w, drawn(w, GENRE_WEIGHTS), w.topic()), switch=False)


def drawn(w: Writer, weights: dict[str, int], *only: str) -> str:
    names = [name for name in weights if not only or name in only]
    return w.rng.choices(names, [weights[name] for name in names])[0]


def foreign(w: Writer, name: str) -> list[Fragment]:
    """A whole text in another language."""
    return foreign_letter(w, name) if w.chance(FOREIGN_LETTERS) else foreign_story(w, name)


def foreign_story(w: Writer, name: str) -> list[Fragment]:
    return [w.say(line, name) for line in w.rng.choice(w.grammar.languages[name].stories)]


def foreign_letter(w: Writer, name: str) -> list[Fragment]:
    letter = w.rng.choice(w.grammar.languages[name].letters)
    first, *others = letter["lines"]
    told = [w.say(letter["greeting"], name), w.say(first, name, glue="\n")]
    told += [w.say(line, name) for line in others]
    return [*told, w.say(letter["farewell"], name, glue="\n")]


# -- documents that change their subject --------------------------------------------------------
def switched(w: Writer) -> list[Fragment]:
    """A beginning, a connecting phrase (or a new paragraph), and something else."""
    first = w.topic()
    whole = carrying(w.tale(first, w.plot(first)), "story")
    stop = w.rng.randint(2, 4)
    begun, rest = [*carrying(w.neutral(), "story"), *whole[:stop]], whole[stop:]
    return [*begun, *SWITCHES[drawn(w, SWITCH_WEIGHTS)](w, first, rest)]


def to_topic(w: Writer, first: Topic, rest: list[Fragment]) -> list[Fragment]:
    """Another story breaks into the first one or follows it; facts follow it."""
    second = w.topic(besides=first.name)
    leads = w.grammar.switches
    if w.chance(0.8):
        lead = w.pick(leads["plot"], second.name, noun=second.noun)
        told = carrying(w.tale(second, w.plot(second)), "story")
        return [*(rest if w.chance(0.5) else []), *led(w, lead, told)]
    lead = w.pick(leads["facts"], second.name, noun=second.noun)
    return [*rest, *led(w, lead, w.some(second.facts, 4, second.name))]


def to_mood(w: Writer, _first: Topic, rest: list[Fragment]) -> list[Fragment]:
    mood = w.rng.choice(MOODS)
    return [*rest, *led(w, w.pick(w.grammar.switches["mood"]), w.feelings(mood, 4))]


def to_speaker(w: Writer, _first: Topic, rest: list[Fragment]) -> list[Fragment]:
    """Somebody else tells the rest."""
    return led(w, w.pick(w.grammar.switches["speaker"]), rest)


def to_style(w: Writer, _first: Topic, rest: list[Fragment]) -> list[Fragment]:
    """The rest is told in a style."""
    style = w.rng.choice(STYLES)
    return led(w, w.pick(w.grammar.switches["style"][style]), w.styled(rest, style))


def to_language(w: Writer, _first: Topic, _rest: list[Fragment]) -> list[Fragment]:
    name = w.rng.choice(LANGUAGES)
    return led(w, w.pick(w.grammar.switches["language"][name]), foreign_story(w, name))


def to_genre(w: Writer, first: Topic, rest: list[Fragment]) -> list[Fragment]:
    genre = w.rng.choice(("letter", "diary", "news", "recipe", "poem", "shopping"))
    lead, told = w.pick(w.grammar.switches["genre"][genre]), genres.write(w, genre, first)
    return [*rest, *led(w, lead, told, "\n")]


SWITCHES = dict(
    topic=to_topic, mood=to_mood, speaker=to_speaker, style=to_style, language=to_language,
    genre=to_genre,
)  # fmt: skip


def led(w: Writer, lead: Fragment, told: list[Fragment], glue: str = " ") -> list[Fragment]:
    if w.chance(ABRUPT):
        return [replace(told[0], glue="\n"), *told[1:]]
    return [lead, replace(told[0], glue=glue), *told[1:]]


# -- labels -------------------------------------------------------------------------------------
def finish(grammar: Grammar, parts: list[Fragment], switch: bool) -> Document:
    """Joins the parts. A topic counts when at least two different words of it were written."""
    text = "".join(part.glue + part.text for part in parts).strip()
    concepts = frozenset().union(*(part.concepts for part in parts))
    present = {word.lower() for word in WORD.findall(text)}
    thin = {
        t for t in concepts & grammar.topics.keys() if len(present & grammar.topics[t].words) < 2
    }
    return Document(text, concepts - thin, switch)


def report(seed: int, count: int) -> dict[str, object]:
    """Figures of a sample: documents, tokens (words), types, distinct 4-grams, twins, labels."""
    texts, words, grams, total_grams = Counter[str](), Counter[str](), set[tuple[str, ...]](), 0
    labels: Counter[str] = Counter()
    for document in documents(seed, count):
        texts[document.text] += 1
        labels.update(document.concepts)
        tokens = WORD.findall(document.text)
        words.update(token.lower() for token in tokens)
        grams.update(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))
        total_grams += max(0, len(tokens) - 3)
    return {
        "documents": count,
        "words": words.total(),
        "distinct_words": len(words),
        "distinct_4grams_share": round(len(grams) / total_grams, 3),
        "twin_share": 1 - len(texts) / count,
        "documents_per_concept": dict(sorted(labels.items())),
        "unwritten": sorted(set(GENRES + MOODS + STYLES + LANGUAGES) - set(labels)),
    }
