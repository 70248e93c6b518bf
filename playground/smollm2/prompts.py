"""Chat prompts as people type them, thousands of them, no two alike: what a model replies to is
what its SAEs are trained on. Seeded.

Knows nothing of models. Shapes, subjects and sentences are in `text/*.toml`, written by hand.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playground.errors import AuthorError
from playground.text import tomlfile

TEXT = Path(__file__).parent / "text"
CHOICE = re.compile(r"\[([^\[\]]*)\]")
NUMBER = re.compile(r"\{(\d+)-(\d+)\}")
SLOT = re.compile(r"\{(?:(a|is|does) )?([a-z_]+)(\*)?\}")
NEW_LINE = "¶"  # within one line of a file
DRAWS = 20  # of one slot, until it says what the prompt does not say yet
STUCK = 5_000  # prompts in a row that were written before: there are no more

# How people type; the rest is written as the files have it.
LOWER, TERSE, MISTYPED, LOUD = 0.14, 0.12, 0.05, 0.015
SHORT_ENOUGH = 120  # characters, to be mistyped or shouted

SEVERAL = {"is": "are", "does": "do"}  # verbs with a subject in the plural
HEAD = re.compile(r" (?:of|in|at|for|on|to|from|over) ")  # what follows does not decide the number
# Nouns that end as a plural does and are none, and the reverse.
ONE = re.compile(r"(?:ss|us|is|ics|mas|diabetes|measles|Moses|billiards|darts)$")
MANY = re.compile(r"(?:s|children|bacteria|graffiti|matrices|grandchildren|dice|fish and chips)$")

VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)
SOUNDS_OTHERWISE = {"hour": "an", "uni": "a", "use": "a", "uku": "a", "one": "a", "x-ray": "an"}


@dataclass(frozen=True)
class Family:
    """One kind of request, and how often it is made, in parts of the sum."""

    name: str
    weight: int
    shapes: tuple[str, ...]


@dataclass(frozen=True)
class Phrasebook:
    """All that is written by hand. subjects: by group, sentences among them; wider: groups that a
    wider slot draws from, each as its slot is written; counted: nouns with an article and a plural.
    """

    subjects: Mapping[str, tuple[str, ...]]
    wider: Mapping[str, tuple[str, ...]]
    counted: frozenset[str]
    families: tuple[Family, ...]


def prompts(seed: int, count: int) -> Iterator[str]:
    """`count` prompts, no two alike; the same seed gives the same prompts. Raises AuthorError where
    the files give no more."""
    book, rng = load(), random.Random(seed)
    weights = [family.weight for family in book.families]
    seen, again = set[str](), 0
    while len(seen) < count:
        family = rng.choices(book.families, weights)[0]
        prompt = typed(written(book, rng.choice(family.shapes), rng), rng)
        words = " ".join(re.findall(r"\w+", prompt.lower()))  # capitals and stops make no new one
        again = again + 1 if words in seen else 0
        if again > STUCK:
            raise AuthorError(f"{TEXT}: {count} prompts were asked, there are {len(seen)}")
        if not again:
            seen.add(words)
            yield prompt


# -- one prompt ------------------------------------------------------------------------------------
def written(book: Phrasebook, shape: str, rng: random.Random) -> str:
    """A shape with all its slots filled; no subject stands in it twice."""
    said = set[tuple[str, str]]()

    def drawn(slot: re.Match[str]) -> str:
        group, subject, many = subject_of(book, slot[2], bool(slot[3]), rng)
        for _ in range(DRAWS):
            if (group, subject) not in said:
                break
            group, subject, many = subject_of(book, slot[2], bool(slot[3]), rng)
        said.add((group, subject))
        if group in book.counted:
            one, _, irregular = subject.partition("|")
            subject = (irregular or plural(one)) if many else one
        if slot[1] == "a":
            return f"{article(subject)} {subject}"
        return f"{agreeing(slot[1], subject)} {subject}" if slot[1] else subject

    text = CHOICE.sub(lambda choice: rng.choice(choice[1].split("|")), shape)
    while SLOT.search(text):
        text = SLOT.sub(drawn, text)
    text = NUMBER.sub(lambda number: str(rng.randint(int(number[1]), int(number[2]))), text)
    return tidy(text)


def subject_of(
    book: Phrasebook, slot: str, many: bool, rng: random.Random
) -> tuple[str, str, bool]:
    """The group that was drawn from, its subject, and whether the plural is meant."""
    if slot in book.wider:
        member = rng.choice(book.wider[slot])
        slot, many = member.removesuffix("*"), many or member.endswith("*")
    return slot, rng.choice(book.subjects[slot]), many


def tidy(text: str) -> str:
    """Spaces that an empty choice left, new lines, and a capital at the beginning of sentences."""
    text = re.sub(r" +([.,!?])", r"\1", re.sub(r"(?<=[^\s¶]) {2,}", " ", text)).strip()
    text = re.sub(r"(^|[.!?] )([a-z])", lambda at: at[1] + at[2].upper(), text)
    return text.replace(NEW_LINE, "\n")


def article(noun: str) -> str:
    """a or an, by how the noun sounds."""
    for beginning, its in SOUNDS_OTHERWISE.items():
        if noun.lower().startswith(beginning):
            return its
    return "an" if VOWEL.match(noun) else "a"


def plural(noun: str) -> str:
    """Of a noun whose plural is regular."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def agreeing(verb: str, subject: str) -> str:
    """is or are, does or do, by the number of the subject's head."""
    head = HEAD.split(subject, maxsplit=1)[0]
    return SEVERAL[verb] if MANY.search(head) and not ONE.search(head) else verb


# -- how people type -------------------------------------------------------------------------------
def typed(text: str, rng: random.Random) -> str:
    """The prompt as somebody in a hurry might type it, or as it is. Code stays as it is."""
    if "\n" in text:
        return text
    ways: list[tuple[float, Callable[[str, random.Random], str]]] = [
        (LOWER, lambda prompt, _: prompt.lower()),
        (TERSE, lambda prompt, _: prompt.rstrip(".?!")),
        (MISTYPED, mistyped),
        (LOUD, lambda prompt, _: prompt.upper() if len(prompt) <= SHORT_ENOUGH else prompt),
    ]
    for share, way in ways:
        if rng.random() < share:
            text = way(text, rng)
    return text


def mistyped(text: str, rng: random.Random) -> str:
    """Two letters of one longer word change places, or one is left out."""
    words = [match for match in re.finditer(r"[a-z]{5,}", text)]
    if not words or len(text) > SHORT_ENOUGH:
        return text
    word = rng.choice(words)
    place = rng.randrange(word.start() + 1, word.end() - 1)
    swapped = text[place + 1] + text[place] if rng.random() < 0.6 else text[place + 1]
    return text[:place] + swapped + text[place + 2 :]


# -- the files -------------------------------------------------------------------------------------
@cache
def load(folder: Path = TEXT) -> Phrasebook:
    """The three files. Raises AuthorError naming the slot that has no group."""
    named, sentences = tomlfile.read(folder / "subjects.toml"), folder / "sentences.toml"
    subjects = {
        group: split(text, ",\n")
        for sort in ("count", "bare")
        for group, text in named[sort].items()
    }
    subjects |= {
        group: split(text, "\n") for group, text in tomlfile.read(sentences)["sentences"].items()
    }
    families = tuple(
        Family(name, each["weight"], split(each["shapes"], "\n"))
        for name, each in tomlfile.read(folder / "shapes.toml").items()
    )
    wider = {slot: split(text, ",\n") for slot, text in named["several"].items()}
    book = Phrasebook(subjects, wider, frozenset(named["count"]), families)
    check(book, folder)
    return book


def split(text: str, at: str) -> tuple[str, ...]:
    """What stands between any of the characters, without the empty pieces."""
    return tuple(each.strip() for each in re.split(f"[{at}]", text) if each.strip())


def check(book: Phrasebook, folder: Path) -> None:
    """Every slot has subjects, and a plural only where nouns can be counted."""
    lines = [line for family in book.families for line in family.shapes]
    lines += [line for group in book.subjects.values() for line in group]
    lines += ["{" + member + "}" for members in book.wider.values() for member in members]
    for line in lines:
        for slot in SLOT.finditer(CHOICE.sub(r"\1", line)):
            members = book.wider.get(slot[2], (slot[2],))
            missing = {each.removesuffix("*") for each in members} - book.subjects.keys()
            if missing:
                raise AuthorError(f"{folder}: no subjects for {slot[0]} of {line!r}")
            if slot[3] and not {*members} <= book.counted:
                raise AuthorError(f"{folder}: {slot[0]} of {line!r} cannot be counted")
