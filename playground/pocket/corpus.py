"""Documents of the pocket corpus: which parts, in which order, with which labels. Seeded."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from playground.pocket import genres
from playground.pocket.grammar import GENRES, LANGUAGES, MOODS, STYLES, Grammar, Topic, load
from playground.pocket.writer import WORD, Part, Writer, carrying

# How often each genre is written, in parts of the sum; stories carry the plots, so they lead.
GENRE_WEIGHTS = dict(
    story=42, dialogue=8, letter=9, diary=8, news=6, weather=2, recipe=3, poem=3, howto=4,
    quiz=5, shopping=3, code=2, arithmetic=3, facts=5,
)  # fmt: skip
SHARES = dict(switch=0.26, style=0.08, language=0.08)  # the rest is plain English
SWITCH_WEIGHTS = dict(topic=52, mood=10, speaker=7, style=12, language=12, genre=7)
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


def foreign(w: Writer, name: str, sentences: int = 0) -> list[Part]:
    """Text in another language; `sentences` asks for so many loose ones, else a whole text."""
    language = w.grammar.languages[name]
    form = (
        "loose"
        if sentences
        else w.rng.choice(("story", "story", "story", "talk", "letter", "loose"))
    )
    if form == "story":
        told = [w.say(line) for line in w.rng.choice(language.stories)]
    elif form == "talk":
        pairs = w.drawn(language.talk, 3)
        told = [
            w.say(line, glue="\n") for pair in pairs for line in ("- " + pair[0], "- " + pair[1])
        ]
    elif form == "letter":
        letter = w.rng.choice(language.letters)
        told = [w.say(letter["greeting"]), *(w.say(line) for line in letter["lines"])]
        told += [w.say(letter["farewell"], glue="\n")]
    else:
        told = w.some(language.sentences, sentences or 6)
    return carrying(told, name)


# -- documents that change their subject --------------------------------------------------------
def switched(w: Writer) -> list[Part]:
    """A beginning, a connecting phrase (or a new paragraph), and something else."""
    what = drawn(w, SWITCH_WEIGHTS)
    first = w.topic()
    plot = w.plot(first)
    stop = w.rng.randint(2, 4)
    begun = carrying([*w.neutral(), *w.tale(first, plot, stop=stop)], "story")
    return [*begun, *SWITCHES[what](w, first)]


def to_topic(w: Writer, first: Topic) -> list[Part]:
    second = w.topic(besides=first.name)
    form = w.rng.choices(("plot", "facts", "me", "genre"), (50, 20, 15, 15))[0]
    if form == "plot":
        told = carrying(w.tale(second, w.plot(second)), "story")
    elif form == "genre":
        told = genres.write(w, drawn(w, GENRE_WEIGHTS, "news", "poem", "quiz", "howto"), second)
    elif form == "facts":
        told = w.some(second.facts, 4, second.name)
    else:
        told = w.some(second.me, 4, second.name)
    if w.chance(0.4) and form != "genre":
        told.append(w.saying(second))
    lead = w.pick(w.grammar.switches["topic"], second.name, noun=second.noun)
    return led(w, lead, told)


def to_mood(w: Writer, first: Topic) -> list[Part]:
    mood = w.rng.choice(MOODS)
    return led(w, w.pick(w.grammar.switches["mood"]), w.feelings(mood, 4))


def to_speaker(w: Writer, first: Topic) -> list[Part]:
    lead = w.pick(w.grammar.switches["speaker"], friend=w.scene.hero)
    w.scene = w.scene.told_by(first_person=True)
    return led(w, lead, [*w.some(first.me, 4, first.name), w.saying(first)])


def to_style(w: Writer, first: Topic) -> list[Part]:
    style = w.rng.choice(STYLES)
    lead = w.pick(w.grammar.switches["style"][style])
    told = [*w.tale(first, w.plot(first)), w.saying(first)]
    return led(w, lead, w.styled(told, style))


def to_language(w: Writer, first: Topic) -> list[Part]:
    name = w.rng.choice(LANGUAGES)
    lead = w.pick(w.grammar.switches["language"][name])
    told = foreign(w, name, w.rng.randint(3, 6) if w.chance(0.5) else 0)
    if w.chance(0.25):
        told.append(w.pick(w.grammar.switches["language"]["english"]))
        told += w.some(first.facts, 2, first.name)
    return led(w, lead, told)


def to_genre(w: Writer, first: Topic) -> list[Part]:
    genre = w.rng.choice(("letter", "diary", "news", "recipe", "poem", "shopping"))
    return led(w, w.pick(w.grammar.switches["genre"][genre]), genres.write(w, genre, first), "\n")


SWITCHES = dict(
    topic=to_topic, mood=to_mood, speaker=to_speaker, style=to_style, language=to_language,
    genre=to_genre,
)  # fmt: skip


def led(w: Writer, lead: Part, told: list[Part], glue: str = " ") -> list[Part]:
    if w.chance(ABRUPT):
        return [Part(told[0].text, told[0].concepts, "\n"), *told[1:]]
    return [lead, Part(told[0].text, told[0].concepts, glue), *told[1:]]


# -- labels -------------------------------------------------------------------------------------
def finish(grammar: Grammar, parts: list[Part], switch: bool) -> Document:
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
